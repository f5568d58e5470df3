"""Asks, before a command may reach its instrument, whether the state that is known lets it: the rules that the rows of
`drivers/interlock_table.py` name. What is not known hinders nothing; what is known is told in the refusal.

A rule yields what stands in the way, as the members of the row's message; nothing where all is well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pylabrobot.resources import Container, Plate, Resource, ResourceHolder, TipSpot, Well

from ..drivers.interlock_table import INTERLOCKS, Interlock
from ..drivers.machine_state import read_known
from ..wire.errors import CommandError
from .naming import show_thing
from .workcell import Machine, Workcell

# How far beyond its walls a channel may be told to go, as people do to touch them.
BESIDE_MM = 0.5
# How far below its bottom: a deck is never quite where it is thought to be.
BELOW_MM = 2.0

Facts = dict[str, str]


@dataclass(frozen=True)
class Scene:
    """A command that is about to begin, decoded, and the workcell as it is known."""

    workcell: Workcell
    machine: Machine
    method: str
    arguments: dict[str, Any]


def require_unlocked(machine: Machine, method: str, arguments: dict[str, Any], workcell: Workcell) -> None:
    """Raises CommandError with the code, message and remedy of the first row that forbids the command."""
    scene = Scene(workcell, machine, method, arguments)
    kinds = {owner.__name__ for owner in type(machine.frontend).__mro__}
    for row in INTERLOCKS:
        if row.frontend not in kinds or method not in row.methods:
            continue
        for facts in RULES[row.rule](scene, list(_list_looked_at(row, arguments))):
            told = {"machine": machine.name, "what": "", "known": "", **facts}
            raise CommandError(told.get("code", row.code), row.message.format(**told), row.remedy.format(**told))


def _list_looked_at(row: Interlock, arguments: dict[str, Any]) -> Iterator[Any]:
    for name in row.arguments:
        value = arguments.get(name)
        yield from value if isinstance(value, list) else () if value is None else (value,)


def _ask_door_open(scene: Scene, looked_at: list[Any]) -> Iterator[Facts]:
    yield from _ask_known_around(scene, looked_at, ("door", "closed"))


def _ask_clamp_open(scene: Scene, looked_at: list[Any]) -> Iterator[Facts]:
    yield from _ask_known_around(scene, looked_at, ("clamp", "locked"))


def _ask_not_shaking(scene: Scene, looked_at: list[Any]) -> Iterator[Facts]:
    yield from _ask_known_around(scene, looked_at, ("motion", "shaking"))


def _ask_known_around(scene: Scene, looked_at: list[Any], forbidden: tuple[str, str]) -> Iterator[Facts]:
    what, state = forbidden
    for resource in _list_resources(looked_at):
        around = find_machine_around(resource, scene.workcell)
        if around is not None and not _is_handed_over(resource, around) and read_known(around.frontend).get(what) == state:
            yield {"what": _name(resource), "machine": around.name, "known": f"{what} {state}"}


def _ask_carrier_reaches(scene: Scene, looked_at: list[Any]) -> Iterator[Facts]:
    for resource in _list_resources(looked_at):
        around = find_machine_around(resource, scene.workcell)
        if around is not None and hasattr(around.frontend, "loading_tray") and not _is_handed_over(resource, around):
            yield {"what": _name(resource), "machine": around.name, "known": f"inside {around.name}"}
        elif scene.workcell.deck is not None and resource.get_root() is not scene.workcell.deck.get_root():
            where = f"in {around.name}, which does not stand on the deck" if around is not None else "in no place of the deck"
            yield {"what": _name(resource), "known": where, "code": "BAD_ARGUMENTS"}


def _ask_not_gripped(scene: Scene, looked_at: list[Any]) -> Iterator[Facts]:
    for gripper, held in _list_grips(scene.workcell):
        for resource in _list_resources(looked_at):
            if held in _Same(_list_owners(resource)):
                yield {"what": held.name, "machine": gripper.name}


def _ask_no_gripper_inside(scene: Scene, _looked_at: list[Any]) -> Iterator[Facts]:
    for gripper, held in _list_grips(scene.workcell):
        known = read_known(gripper.frontend).get("gripper")
        if known != "moved away" and find_machine_around(held, scene.workcell) is scene.machine:
            yield {"what": held.name, "known": f"{gripper.name} holds it"}


def _ask_place_free(scene: Scene, looked_at: list[Any]) -> Iterator[Facts]:
    moved = scene.arguments.get("resource")
    for named in [each for each in _list_resources(looked_at) if isinstance(each, ResourceHolder)]:
        place = getattr(named, "loading_tray", named)
        others = [child for child in place.children if child is not moved and not isinstance(child, ResourceHolder)]
        if others and not hasattr(place, "bucket1"):
            yield {"what": place.name, "known": others[0].name}


def _ask_wells_inside(scene: Scene, looked_at: list[Any]) -> Iterator[Facts]:
    held = {resource.name for _, resource in _list_grips(scene.workcell)}
    inside = [child for child in scene.machine.frontend.children if isinstance(child, Plate) and child.name not in held]
    known = f"{inside[0].name} does" if inside else "nothing does"
    for well in [each for each in looked_at if isinstance(each, Well)]:
        if well.parent is not None and well.parent not in _Same(inside):
            yield {"what": well.parent.name, "known": known}


def _ask_door_closed(scene: Scene, _looked_at: list[Any]) -> Iterator[Facts]:
    if read_known(scene.machine.frontend).get("door") == "open":
        yield {"known": "door open"}


def _ask_channels_free(scene: Scene, _looked_at: list[Any]) -> Iterator[Facts]:
    frontend, arguments = scene.machine.frontend, scene.arguments
    if scene.method.endswith("96"):
        head, what, channels = frontend.head96, "The 96-head", list(frontend.head96)
    else:
        head, what, channels = frontend.head, "Channel", arguments.get("use_channels") or list(range(len(arguments["tip_spots"])))
    for channel in channels:
        tracker = head.get(channel)
        if tracker is not None and tracker.has_tip:
            held = show_thing(tracker.get_tip().name)
            yield {"what": what if head is frontend.head96 else f"{what} {channel}", "known": held}


def _ask_head96_has_tips(scene: Scene, _looked_at: list[Any]) -> Iterator[Facts]:
    if not any(tracker.has_tip for tracker in scene.machine.frontend.head96.values()):
        yield {}


def _ask_offset_inside(scene: Scene, looked_at: list[Any]) -> Iterator[Facts]:
    offsets = scene.arguments.get("offsets") or []
    heights = scene.arguments.get("liquid_height") or []
    for index, offset in enumerate(offsets):
        resource = looked_at[index] if index < len(looked_at) else looked_at[-1] if looked_at else None
        if not isinstance(resource, (Container, TipSpot)):
            continue
        for axis, distance_mm, size_mm in (("x", offset.x, resource.get_size_x()), ("y", offset.y, resource.get_size_y())):
            if abs(distance_mm) > size_mm / 2 + BESIDE_MM:
                yield {"what": _name(resource), "known": f"{abs(distance_mm):g} mm beside the middle ({axis}; {size_mm:g} mm wide)"}
        above_mm = offset.z + ((heights[index] or 0) if index < len(heights) else 0)
        if isinstance(resource, Container) and above_mm < -BELOW_MM:
            yield {"what": _name(resource), "known": f"{-above_mm:g} mm below the bottom"}


def _ask_mix_fits(scene: Scene, looked_at: list[Any]) -> Iterator[Facts]:
    strokes = [(each.volume if each.repetitions > 0 else 0) for each in looked_at]
    if not strokes:
        return
    given = scene.method.startswith("dispense")
    tips, containers, moved_ul = _list_pairs(scene)
    drawn_ul: dict[str, float] = {}
    for index, (tip, container) in enumerate(zip(tips, containers, strict=False)):
        stroke_ul = strokes[index] if index < len(strokes) else strokes[-1]
        # Drawn before an aspirate, and after a dispense.
        change_ul = -moved_ul[index] if given else 0.0
        if tip is not None and tip.tracker.get_used_volume() + change_ul + stroke_ul > tip.maximal_volume:
            yield {"known": f"{stroke_ul:g} µL", "what": f"a tip holds {tip.maximal_volume:g} µL"}
        drawn_ul[container.name] = drawn_ul.get(container.name, 0.0) + stroke_ul + change_ul
        held_ul = container.tracker.get_used_volume()
        if drawn_ul[container.name] > held_ul and stroke_ul > 0:
            held = f"{_name(container)} holds {held_ul - min(change_ul, 0):g} µL"
            yield {"known": f"{stroke_ul:g} µL", "what": held, "code": "TOO_LITTLE_LIQUID"}


def _list_pairs(scene: Scene) -> tuple[list[Any], list[Container], list[float]]:
    """Tip, container and volume of each channel."""
    arguments, frontend = scene.arguments, scene.machine.frontend
    if "resources" in arguments:
        containers, volumes = arguments["resources"], arguments["vols"]
        channels = arguments.get("use_channels") or list(range(len(containers)))
        head = frontend.head
    else:
        resource = arguments["resource"]
        containers = resource.get_all_items() if isinstance(resource, Plate) else resource if isinstance(resource, list) else [resource]
        channels, head = list(range(96)), frontend.head96
        containers = containers * 96 if len(containers) == 1 else containers
        volumes = [arguments["volume"]] * 96
    trackers = [head.get(channel) for channel in channels]
    return [None if each is None or not each.has_tip else each.get_tip() for each in trackers], list(containers), list(volumes)


def find_machine_around(resource: Resource, workcell: Workcell) -> Machine | None:
    """The machine in or on which a resource is, itself included; not the liquid handler, whose deck all stands on."""
    machines = {id(machine.frontend): machine for machine in workcell.machines.values() if not hasattr(machine.frontend, "head96")}
    return next((machines[id(each)] for each in _list_owners(resource) if id(each) in machines), None)


def _is_handed_over(resource: Resource, around: Machine) -> bool:
    """An incubator has one place outside, and stands for it where it is named as a destination."""
    tray = getattr(around.frontend, "loading_tray", None)
    return tray is not None and (resource is around.frontend or tray in _Same(_list_owners(resource)))


def _list_resources(looked_at: list[Any]) -> Iterator[Resource]:
    yield from (each for each in looked_at if isinstance(each, Resource))


def _list_owners(resource: Resource) -> list[Resource]:
    """Itself first."""
    owners = [resource]
    while owners[-1].parent is not None:
        owners.append(owners[-1].parent)
    return owners


def _list_grips(workcell: Workcell) -> Iterator[tuple[Machine, Resource]]:
    for machine in workcell.machines.values():
        pickup = getattr(machine.frontend, "_resource_pickup", None)
        if hasattr(machine.frontend, "head96") and pickup is not None:
            yield machine, pickup.resource


class _Same:
    """Membership by identity: PyLabRobot compares resources by all that they are made of."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self._ids = {id(each) for each in resources}

    def __contains__(self, resource: object) -> bool:
        return id(resource) in self._ids


def _name(resource: Resource) -> str:
    """`plate_1:A1`, or the name of what has no positions."""
    owner = resource.parent
    if isinstance(resource, (Well, TipSpot)) and owner is not None and hasattr(owner, "get_child_identifier"):
        return f"{owner.name}:{owner.get_child_identifier(resource)}"
    return str(resource.name)


Rule = Callable[[Scene, list[Any]], Iterator[Facts]]
RULES: dict[str, Rule] = {
    "carrier-reaches": _ask_carrier_reaches,
    "channels-free": _ask_channels_free,
    "clamp-open": _ask_clamp_open,
    "door-closed": _ask_door_closed,
    "door-open": _ask_door_open,
    "head96-has-tips": _ask_head96_has_tips,
    "mix-fits": _ask_mix_fits,
    "no-gripper-inside": _ask_no_gripper_inside,
    "not-gripped": _ask_not_gripped,
    "not-shaking": _ask_not_shaking,
    "offset-inside": _ask_offset_inside,
    "place-free": _ask_place_free,
    "wells-inside": _ask_wells_inside,
}
