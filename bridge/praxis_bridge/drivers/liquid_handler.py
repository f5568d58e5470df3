"""What is special about liquid handlers: tracking switched on, and the tips on their heads, which setup() forgets."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from pylabrobot.liquid_handling.standard import GripDirection, ResourcePickup
from pylabrobot.liquid_handling.strictness import Strictness, set_strictness
from pylabrobot.resources import Coordinate, Tip, TipSpot, TipTracker, set_tip_tracking, set_volume_tracking

from ..journal.trace import current_trace
from ..wire.errors import CommandError


def switch_tracking_on() -> None:
    """Process-wide in PyLabRobot, and off by default. Strict: unknown backend arguments are errors, not warnings."""
    set_tip_tracking(True)
    set_volume_tracking(True)
    set_strictness(Strictness.STRICT)


def silence_simulated_tip_sensor(backend: Any) -> None:
    """Simulators answer the tip sensor from pending trackers, so a failed pick-up would be committed as success.

    After a failed step the sensor is reported as not there, and the front end falls back to the error itself.
    """
    sensor: Callable[[], Any] | None = getattr(backend, "request_tip_presence", None)
    if sensor is None or has_own_sensors(backend):
        return

    @functools.wraps(sensor)
    async def answer() -> Any:
        trace = current_trace.get()
        if trace is not None and trace.has_failed_step():
            # PyLabRobot's own way of saying that a backend has no sensor; the front end catches it.
            raise NotImplementedError("A simulated tip sensor knows nothing of a failed step.")
        return await sensor()

    backend.request_tip_presence = answer


def has_own_sensors(backend: Any) -> bool:
    """A simulator that keeps a physical truth of its own says so; the others would tell what the trackers believe."""
    return bool(getattr(backend, "has_own_sensors", False))


def read_tip(tracker: TipTracker) -> dict[str, Any] | None:
    """The committed tip: get_tip() raises where there is none, and `has_tip` shows the pending one."""
    tip: Tip | None = tracker._tip
    return None if tip is None else {"name": tip.name, "volumeUl": tip.tracker.volume}


def put_tip(tracker: TipTracker, entry: dict[str, Any] | None, find: Callable[[str], Any]) -> None:
    """Puts a tip back as it was. Its kind is that of the spot that made it, which its name begins with."""
    tracker.clear()
    if entry is None:
        return
    maker = find(entry["name"].rpartition("#")[0])
    tip = maker.make_tip()
    tip.name = entry["name"]
    origin = find(entry["origin"]) if entry.get("origin") else None
    tracker.add_tip(tip, origin=origin, commit=True)
    tip.tracker.set_volume(entry["volumeUl"])


def read_head_state(frontend: Any) -> dict[str, Any]:
    pickup = frontend._resource_pickup
    entry = {
        "head": _read_head(frontend.head),
        "head96": _read_head(frontend.head96),
        "gripped": None if pickup is None else pickup.resource.name,
        "blowOutAirUl": frontend._blow_out_air_volume,
    }
    return entry if pickup is None else {**entry, "grip": _read_grip(pickup)}


def restore_head_state(frontend: Any, entry: dict[str, Any], find: Callable[[str], Any]) -> None:
    """After setup(), which made new head trackers. JSON made texts of the channel numbers."""
    for head, tips in ((frontend.head, entry["head"]), (frontend.head96, entry["head96"])):
        for channel, tracker in head.items():
            put_tip(tracker, tips.get(str(channel)), find)
    frontend._blow_out_air_volume = entry["blowOutAirUl"]
    grip = entry.get("grip")
    frontend._resource_pickup = None
    if grip is not None:
        resource, offset, direction = find(entry["gripped"]), Coordinate(*grip["offset"]), GripDirection[grip["direction"]]
        frontend._resource_pickup = ResourcePickup(resource, offset, grip["distanceFromTopMm"], direction)


def return_tips96(frontend: Any) -> Callable[..., Any]:
    """return_tips96, going by the tips that are on the head: PyLabRobot goes by where those of all channels came from last, and so
    fails after a pick-up from a rack that was not full.
    """

    async def put_back(**arguments: Any) -> Any:
        origins = [_find_origin(tracker, frontend.deck) for tracker in frontend.head96.values() if tracker.has_tip]
        if not origins:
            raise CommandError("TIP_MISSING", "The 96-head holds no tips.")
        racks = {spot.parent.name: spot.parent for spot in origins if spot is not None and spot.parent is not None}
        if len(racks) != 1:
            names = " and ".join(sorted(racks)) or "nowhere that is known"
            raise CommandError("BAD_ARGUMENTS", f"The tips on the 96-head are from {names}; name a rack for them with drop_tips96.")
        return await frontend.drop_tips96(next(iter(racks.values())), **arguments)

    return put_back


def _find_origin(tracker: TipTracker, deck: Any) -> Any:
    """A tip is named after the spot that made it, where nothing else is known of it."""
    origin = tracker.get_tip_origin()
    name = str(tracker.get_tip().name).rpartition("#")[0]
    return origin if origin is not None or not deck.has_resource(name) else deck.get_resource(name)


def list_head_trackers(frontend: Any) -> list[Any]:
    """Of the channels; with them the tips that they carry are rolled back."""
    return [*frontend.head.values(), *frontend.head96.values()]


def roll_back(trackers: list[Any]) -> None:
    for tracker in trackers:
        if isinstance(tracker, TipTracker) and tracker._tip is not None:
            tracker._tip.tracker.rollback()
        if not tracker.is_disabled:
            tracker.rollback()


def roll_back_notes(frontend: Any, entry: dict[str, Any]) -> None:
    """aspirate() notes its blow-out air before anything is sent, and forgets to take it back when it fails.

    pick_up_resource() does the same with what it grips, where its driver has not returned or was ended.
    """
    frontend._blow_out_air_volume = entry["blowOutAirUl"]
    if entry["gripped"] is None:
        frontend._resource_pickup = None


def _read_grip(pickup: ResourcePickup) -> dict[str, Any]:
    offset = pickup.offset
    return {
        "offset": [offset.x, offset.y, offset.z],
        "distanceFromTopMm": pickup.pickup_distance_from_top,
        "direction": pickup.direction.name,
    }


def _read_head(head: dict[int, TipTracker]) -> dict[str, Any]:
    tips: dict[str, Any] = {}
    for channel, tracker in head.items():
        if tracker._tip is not None:
            origin: TipSpot | None = tracker.get_tip_origin()
            tips[str(channel)] = {**(read_tip(tracker) or {}), "origin": None if origin is None else origin.name}
    return tips
