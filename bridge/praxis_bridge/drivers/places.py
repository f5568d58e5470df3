"""Where labware stands in a machine, and how a gripper puts it there.

PyLabRobot refuses an occupied holder before anything moves, but not an occupied scale or imager; and in those two it
notes the place in coordinates of the deck. Both are put right here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pylabrobot.resources import Coordinate, Deck, Plate, Resource, ResourceHolder

from ..wire.errors import CommandError


def find_place(machine: Any, site: int | None = None) -> Resource:
    """The resource in which labware of this machine stands; `site` where it has several. Raises BAD_ARGUMENTS."""
    sites = list_places(machine)
    if not sites:
        raise CommandError("BAD_ARGUMENTS", f"{_name(machine)} has no place for labware.")
    if site is None:
        free = (place for place in sites if not _list_labware(place))
        return next(free, sites[0])
    if not 0 <= site < len(sites):
        raise CommandError("BAD_ARGUMENTS", f"{_name(machine)} has the sites 0 to {len(sites) - 1}, and no site {site}.")
    return sites[site]


def list_places(machine: Any) -> list[Resource]:
    """The places of a machine in the order of their sites."""
    if hasattr(machine, "racks"):
        return [site for rack in machine.racks for site in rack.sites.values()]
    if hasattr(machine, "bucket1"):
        return [machine.bucket1, machine.bucket2]
    if hasattr(machine, "loading_trays"):
        return list(machine.loading_trays)
    if hasattr(machine, "head96") or not isinstance(machine, Resource):
        return []
    return [machine]


def put_into(place: Resource, labware: Resource) -> None:
    """Makes the labware a child of the place. Raises BAD_ARGUMENTS where something else stands there."""
    require_free(place, labware)
    if isinstance(place, ResourceHolder):
        place.assign_child_resource(labware)
    else:
        place.assign_child_resource(labware, location=Coordinate.zero())


def require_free(place: Resource, labware: Resource | None) -> None:
    others = [child.name for child in _list_labware(place) if child is not labware]
    if others:
        raise CommandError("BAD_ARGUMENTS", f"{place.name} is taken: {others[0]} stands there.")


def drop_at_place(handler: Any) -> Callable[..., Any]:
    """drop_resource, with a machine as destination standing for the place in it where a gripper reaches."""

    async def drop(destination: Any, **arguments: Any) -> Any:
        place = _find_tray(destination)
        pickup = handler._resource_pickup
        if isinstance(place, Resource) and pickup is not None:
            _require_reach(place, handler.deck)
            if _holds_by_itself(place):
                require_free(place, pickup.resource)
        result = await handler.drop_resource(place, **arguments)
        if isinstance(place, Resource) and pickup is not None and _holds_by_itself(place):
            pickup.resource.location = Coordinate.zero()
        return result

    return drop


def _find_tray(destination: Any) -> Any:
    """An incubator hands plates over at its tray; its sites are out of reach. A centrifuge needs a bucket by its name."""
    if hasattr(destination, "loading_tray"):
        return destination.loading_tray
    if hasattr(destination, "bucket1"):
        buckets = f"{destination.bucket1.name} or {destination.bucket2.name}"
        raise CommandError("BAD_ARGUMENTS", f"Name the bucket of the centrifuge: {buckets}.")
    if hasattr(destination, "loading_trays"):
        trays = ", ".join(tray.name for tray in destination.loading_trays)
        raise CommandError("BAD_ARGUMENTS", f"Name the tray of the stack: {trays}.")
    return destination


def _require_reach(place: Resource, deck: Deck) -> None:
    if place.get_root() is not deck.get_root():
        why = f"{place.name} does not stand on the deck, so no gripper reaches it"
        raise CommandError("BAD_ARGUMENTS", f"{why}; give its machine a location in the workcell.")


def _holds_by_itself(place: Resource) -> bool:
    """A scale or an imager: a machine that holds labware without being a holder."""
    return hasattr(place, "backend") and not isinstance(place, ResourceHolder)


def _list_labware(place: Resource) -> list[Resource]:
    if isinstance(place, ResourceHolder):
        return [child for child in place.children if not isinstance(child, ResourceHolder)]
    return [child for child in place.children if isinstance(child, Plate) or not _holds_by_itself(place)]


def _name(machine: Any) -> str:
    return getattr(machine, "name", type(machine).__name__)
