"""Names of wells, tips and places as the device simulator knows them, and fresh labware as it takes it."""

from __future__ import annotations

import math
from typing import Any

from pylabrobot.liquid_handling.standard import ResourceDrop
from pylabrobot.resources import Container, Coordinate, Deck, ItemizedResource, Lid, Plate, Resource, ResourceHolder, TipSpot

# A gripper sets down within this of a place, or beside it.
PLACE_TOLERANCE_MM = 3.0


def name_item(item: Resource) -> str:
    """ "plate_1:A1", or the name alone of what has no items."""
    owner = item.parent
    return f"{owner.name}:{owner.get_child_identifier(item)}" if isinstance(owner, ItemizedResource) else item.name


def name_place(place: Resource | None, device: str) -> str | None:
    """Sites of the deck belong to the liquid handler; machines, their trays, and plates that carry a lid go by their own name."""
    if place is None or hasattr(place, "backend") or isinstance(place, Plate):
        return None if place is None else place.name
    owner = place.parent
    while owner is not None and not hasattr(owner, "backend"):
        owner = owner.parent
    # The deck itself hangs under its liquid handler, or under nothing.
    return f"{device}/{place.name}" if owner is None or hasattr(owner, "head96") else place.name


def read_max_volume_ul(container: Container) -> float | None:
    """None where there is no limit."""
    return container.max_volume if math.isfinite(container.max_volume) else None


def find_place(deck: Deck, drop: ResourceDrop) -> Resource | None:
    """What stands where labware is set down: a gripper is told coordinates only."""
    best: tuple[float, Resource] | None = None
    for place in [child for child in deck.get_all_children() if child is not drop.resource and _may_hold(child, drop.resource)]:
        distance_mm = _measure(_find_seat(place, drop.resource) + place.get_location_wrt(deck), drop.destination)
        if distance_mm <= PLACE_TOLERANCE_MM and (best is None or distance_mm <= best[0]):
            best = (distance_mm, place)
    return None if best is None else best[1]


def describe_fresh(labware: Resource, device: str, fresh: dict[str, Any] | None = None) -> dict[str, Any]:
    """Labware with its contents: as the trackers have them, or as the spec of the workcell has a fresh item."""
    named: dict[str, Any] = {"": labware}
    if isinstance(labware, ItemizedResource):
        named = {labware.get_child_identifier(item): item for item in labware.get_all_items()}
    volumes_ul = {} if fresh is None else fresh.get("wellsUl", {"": fresh.get("volumeUl", 0)})
    wells = {
        name: {"volumeUl": item.tracker.volume if fresh is None else volumes_ul.get(name, 0), "maxVolumeUl": read_max_volume_ul(item)}
        for name, item in named.items()
        if isinstance(item, Container)
    }
    tips = [name for name, item in named.items() if isinstance(item, TipSpot) and (fresh is not None or item.tracker._tip is not None)]
    return {"name": labware.name, "wells": wells, "tips": tips, "place": name_place(labware.parent, device)}


def _may_hold(place: Resource, labware: Resource) -> bool:
    return isinstance(place, ResourceHolder) or hasattr(place, "backend") or (isinstance(place, Plate) and isinstance(labware, Lid))


def _find_seat(place: Resource, labware: Resource) -> Coordinate:
    if isinstance(place, Plate) and isinstance(labware, Lid):
        return place.get_lid_location(labware)
    return place.get_default_child_location(labware) if isinstance(place, ResourceHolder) else Coordinate.zero()


def _measure(one: Coordinate, other: Coordinate) -> float:
    return math.dist((one.x, one.y, one.z), (other.x, other.y, other.z))
