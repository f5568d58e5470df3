"""A STAR simulator that takes time to move and writes every motion to a tape."""

from __future__ import annotations

import functools
from typing import Any

from pylabrobot.liquid_handling.backends.hamilton.STAR_chatterbox import STARChatterboxBackend

from .motion import Motion, MotionTimes

MOTIONS = (
    "pick_up_tips",
    "drop_tips",
    "aspirate",
    "dispense",
    "pick_up_tips96",
    "drop_tips96",
    "aspirate96",
    "dispense96",
    "pick_up_resource",
    "move_picked_up_resource",
    "drop_resource",
    "prepare_for_manual_channel_operation",
    "move_channel_x",
    "move_channel_y",
    "move_channel_z",
)


class CountingSTARChatterboxBackend(STARChatterboxBackend):
    """Moves for `motion_s` seconds per motion; with a `tape_file` each motion becomes one line {n, op, at}."""

    def __init__(self, motion_s: MotionTimes = 0.0, tape_file: str | None = None, num_channels: int = 8) -> None:
        super().__init__(num_channels=num_channels)
        self._motion = Motion(motion_s, tape_file)
        self._motions_begun = 0

    async def _move(self, op: str, planned: Any) -> Any:
        """Waits, lets the planning emit its firmware strings, then records; a motion within a motion is part of it."""
        if self._motions_begun:
            return await planned()
        self._motions_begun += 1
        try:
            await self._motion.wait(op)
            result = await planned()
            self._motion.record(op)
            return result
        finally:
            self._motions_begun -= 1


def _record_motion(name: str) -> None:
    """Overrides one motion; functools.wraps keeps the signature, which front ends inspect."""
    original = getattr(STARChatterboxBackend, name)

    @functools.wraps(original)
    async def moved(self: CountingSTARChatterboxBackend, *args: Any, **kwargs: Any) -> Any:
        return await self._move(name, lambda: original(self, *args, **kwargs))

    setattr(CountingSTARChatterboxBackend, name, moved)


for _name in MOTIONS:
    _record_motion(_name)
