"""Errors of trackers name the well, the tip spot, the channel or the tip that they are about. PyLabRobot says only that it was a
container or a tip spot, which helps nobody who has given it eight.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from pylabrobot.resources import ItemizedResource, Resource, TipTracker, VolumeTracker
from pylabrobot.resources.errors import HasTipError, NoTipError, TooLittleLiquidError, TooLittleVolumeError

NAMED_ERRORS = (HasTipError, NoTipError, TooLittleLiquidError, TooLittleVolumeError)
NAMING_METHODS: tuple[tuple[type, tuple[str, ...]], ...] = (
    (VolumeTracker, ("add_liquid", "remove_liquid")),
    (TipTracker, ("add_tip", "get_tip", "remove_tip")),
)
SUFFIX = "_volume_tracker"


def switch_naming_on() -> None:
    """Process-wide, as tracking is."""
    for owner, names in NAMING_METHODS:
        for name in names:
            method = getattr(owner, name)
            if not getattr(method, "_praxis_names", False):
                setattr(owner, name, _name_errors(method))


def name_trackers(labware: Resource) -> None:
    """As people write it: `plate_1:A1`, or the name of what has no positions."""
    if hasattr(labware, "tracker"):
        labware.tracker.thing = labware.name
    if isinstance(labware, ItemizedResource):
        for item in labware.get_all_items():
            if hasattr(item, "tracker"):
                item.tracker.thing = f"{labware.name}:{labware.get_child_identifier(item)}"


def _name_errors(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def named(tracker: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return method(tracker, *args, **kwargs)
        except NAMED_ERRORS as error:
            name = show_thing(str(tracker.thing))
            if name in str(error):
                raise
            raise type(error)(f"{name}: {error}") from error

    named._praxis_names = True  # type: ignore[attr-defined]
    return named


def show_thing(thing: str) -> str:
    """A tip goes by the spot that made it."""
    name = thing.removesuffix(SUFFIX)
    maker, mark, _ = name.rpartition("#")
    return f"the tip of {maker}" if mark else name
