"""The deck, its carriers and labware, built from class names. Names are resolved in PyLabRobot's catalogue and nowhere else."""

from __future__ import annotations

import functools
import inspect
import re
import typing
from collections.abc import Callable
from typing import Any

import pylabrobot.resources as catalogue
from pylabrobot.resources import Container, Coordinate, Deck, ItemizedResource, Lid, Resource, TipRack

from ..wire.errors import BridgeError

NAME_PATTERN = re.compile(r"^[A-Za-z][A-Za-z0-9_]{0,99}$")
CARRIERS_LIMIT = 60
LABWARE_LIMIT = 200
# Their definitions are downloaded from the internet while they are built.
DOWNLOADED_MODULES = ("pylabrobot.resources.opentrons",)


def build_deck(spec: dict[str, Any]) -> Deck:
    """Builds the deck with its carriers; every mistake in the spec names the item at fault."""
    if len(spec["carriers"]) > CARRIERS_LIMIT:
        raise BridgeError("BAD_ARGUMENTS", f"A deck holds at most {CARRIERS_LIMIT} carriers.")
    deck = typing.cast(Deck, _make("deck", spec["type"], Deck, ()))
    for carrier_spec in spec["carriers"]:
        name = require_name(carrier_spec["name"])
        carrier = _make(name, carrier_spec["type"], Resource, (name,))
        # Decks with rails alone have it; another refuses, and the item is named.
        assign: Callable[..., None] = deck.assign_child_resource
        _place(name, functools.partial(assign, carrier, rails=carrier_spec["rails"]))
    return deck


def place_machine(deck: Deck, machine: Resource, location: dict[str, Any]) -> None:
    """Puts a machine on the deck: at coordinates, or on a site of a carrier."""
    if "carrier" in location:
        _put_on_site(deck, machine, location)
    else:
        place = Coordinate(location["x"], location["y"], location["z"])
        _place(machine.name, lambda: deck.assign_child_resource(machine, location=place))


def make_labware(spec: dict[str, Any]) -> Resource:
    name = require_name(spec["name"])
    labware = _make(name, spec["type"], Resource, (name,))
    if labware.category != spec["category"]:
        raise BridgeError("BAD_ARGUMENTS", f"{name}: {spec['type']} is a {labware.category}, not a {spec['category']}.")
    _name_lids(labware)
    return typing.cast(Resource, labware)


def _name_lids(labware: Resource) -> None:
    """Some definitions call their lid just "lid"; two such plates would not go on one deck."""
    for child in labware.children:
        if isinstance(child, Lid) and labware.name not in child.name:
            child.name = f"{labware.name}_{child.name}"


def place_labware(deck: Deck | None, labware: Resource, location: dict[str, Any]) -> None:
    """Puts labware on a site of a carrier."""
    if deck is None:
        raise BridgeError("BAD_ARGUMENTS", f"{labware.name}: the workcell has no deck to put it on.")
    _put_on_site(deck, labware, location)


def require_name(name: Any) -> str:
    if not isinstance(name, str) or not NAME_PATTERN.match(name):
        raise BridgeError("BAD_ARGUMENTS", f"{name!r} is not a name: letters, digits and _, a letter first, at most 100.")
    return name


def fill_fresh(resource: Resource, fresh: dict[str, Any]) -> None:
    """Gives labware the contents of a fresh item: racks full, volumes as told and zero elsewhere."""
    if isinstance(resource, TipRack):
        for spot in resource.get_all_items():
            spot.tracker.clear()
            spot.tracker.add_tip(spot.make_tip(), origin=spot, commit=True)
        return
    if isinstance(resource, Container):
        _set_volume(resource, fresh.get("volumeUl", 0))
    elif isinstance(resource, ItemizedResource):
        wells_ul = fresh.get("wellsUl", {})
        for item in resource.get_all_items():
            if isinstance(item, Container):
                item.tracker.set_volume(0)
        for name, volume_ul in wells_ul.items():
            _set_volume(_find_item(resource, name), volume_ul)


def _put_on_site(deck: Deck, resource: Resource, location: dict[str, Any]) -> None:
    name, site = resource.name, location["site"]
    carrier: Any = next((child for child in deck.children if child.name == location["carrier"]), None)
    if carrier is None:
        raise BridgeError("BAD_ARGUMENTS", f"{name}: the deck has no carrier {location['carrier']!r}.")
    if site not in getattr(carrier, "sites", {}):
        raise BridgeError("BAD_ARGUMENTS", f"{name}: {carrier.name} has no site {site}.")
    if carrier.sites[site].resource is not None:
        raise BridgeError("BAD_ARGUMENTS", f"{name}: site {site} of {carrier.name} is taken.")

    def assign() -> None:
        carrier[site] = resource

    _place(name, assign)


def _make(name: str, type_name: Any, wanted: type, arguments: tuple[Any, ...]) -> Any:
    factory = find_factory(type_name, wanted)
    try:
        return factory(*arguments)
    except Exception as error:
        raise BridgeError("BAD_ARGUMENTS", f"{name}: {type_name} can't be built: {type(error).__name__}: {error}") from error


def find_factory(type_name: Any, wanted: type) -> Any:
    """A class or function of the catalogue that makes the wanted kind of resource."""
    factory = vars(catalogue).get(type_name) if isinstance(type_name, str) and NAME_PATTERN.match(type_name) else None
    module = getattr(factory, "__module__", "")
    if not module.startswith("pylabrobot.resources.") or module.startswith(DOWNLOADED_MODULES):
        factory = None
    made = factory if inspect.isclass(factory) else _read_return_type(factory)
    if not (inspect.isclass(made) and issubclass(made, wanted)):
        raise BridgeError("BAD_ARGUMENTS", f"{str(type_name)[:100]!r} is not a {wanted.__name__} of PyLabRobot's catalogue.")
    return factory


def _read_return_type(factory: Any) -> Any:
    if not inspect.isfunction(factory):
        return None
    try:
        return typing.get_type_hints(factory).get("return")
    except (NameError, TypeError):
        # A definition whose hints can't be resolved is not usable by name.
        return None


def _place(name: str, assign: typing.Callable[[], None]) -> None:
    try:
        assign()
    except Exception as error:
        raise BridgeError("BAD_ARGUMENTS", f"{name} does not fit where it is put: {type(error).__name__}: {error}") from error


def _find_item(resource: ItemizedResource[Any], name: str) -> Container:
    try:
        item = resource.get_item(name)
    except IndexError as error:
        raise BridgeError("BAD_ARGUMENTS", f"{resource.name} has no well {name!r}.") from error
    if not isinstance(item, Container):
        raise BridgeError("BAD_ARGUMENTS", f"{name!r} of {resource.name} holds no liquid.")
    return item


def _set_volume(container: Container, volume_ul: Any) -> None:
    if isinstance(volume_ul, bool) or not isinstance(volume_ul, (int, float)) or not 0 <= volume_ul <= container.max_volume:
        limit = f"from 0 to {container.max_volume:g} µL"
        raise BridgeError("BAD_ARGUMENTS", f"{container.name} takes a volume {limit}, not {volume_ul!r}.")
    container.tracker.set_volume(float(volume_ul))
