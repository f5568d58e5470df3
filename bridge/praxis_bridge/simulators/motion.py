"""What simulators share: a motion takes time, and each is one line on a tape, synced before it is acknowledged.

The tape is the independent record of crash tests: what is on it has moved, whatever the journal believes.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Mapping

# Seconds of every motion, or of each by its name, with "*" for those that are not named.
MotionTimes = float | Mapping[str, float]


class Motion:
    """Owns the tape of one simulator. A motion takes `motion_s` seconds; without a file nothing is recorded."""

    def __init__(self, motion_s: MotionTimes, tape_file: str | None) -> None:
        self._motion_s = motion_s
        self._tape_file = tape_file
        self._acts = _count_lines(tape_file)

    async def act(self, op: str) -> None:
        """One physical act: takes its time, then stands on the tape as one line {n, op, at}."""
        await self.wait(op)
        self.record(op)

    async def wait(self, op: str) -> None:
        times = self._motion_s
        seconds = times.get(op, times.get("*", 0.0)) if isinstance(times, Mapping) else times
        if seconds > 0:
            await asyncio.sleep(seconds)

    def record(self, op: str) -> None:
        if self._tape_file is None:
            return
        tape = os.open(self._tape_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            self._acts += 1
            os.write(tape, json.dumps({"n": self._acts, "op": op, "at": time.time()}).encode() + b"\n")
            os.fdatasync(tape)
        finally:
            os.close(tape)


def _count_lines(tape_file: str | None) -> int:
    if tape_file is None or not os.path.exists(tape_file):
        return 0
    with open(tape_file, "rb") as tape:
        return sum(1 for _ in tape)
