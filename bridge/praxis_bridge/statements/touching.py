"""Which commands under way touch an item of labware: those that name it or a place of it, and those of a machine it stands in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..commands.running import Running
from ..wire.errors import BridgeError


def list_machines(places: Iterable[object]) -> list[str]:
    """Machines and grippers in which the places lie."""
    named = [place.get(key) for place in places if isinstance(place, dict) for key in ("machine", "gripper")]
    return [name for name in dict.fromkeys(named) if isinstance(name, str)]


def find_touching(running: Iterable[Running], names: list[str], places: list[object]) -> Running | None:
    machines = list_machines(places)
    sites = [[place["carrier"], place.get("site")] for place in places if isinstance(place, dict) and "carrier" in place]
    for each in running:
        if each.request.machine in machines:
            return each
        if any(_is_of(reference, names, machines, sites) for reference in list_references(each.request.identity["arguments"])):
            return each
    return None


def require_untouched(running: Iterable[Running], names: list[str], places: list[object]) -> None:
    touching = find_touching(running, names, places)
    if touching is not None:
        raise BridgeError("MACHINE_BUSY", f"The command {touching.request.id} is running; try again when it has ended.")


def _is_of(reference: tuple[str, object], names: list[str], machines: list[str], sites: list[list[object]]) -> bool:
    kind, value = reference
    if kind == "$site":
        return value in sites
    name = value[0] if kind == "$item" and isinstance(value, list) and value else value
    # Parts of an item, as its lid, are named after it.
    return name in machines or any(name == each or str(name).startswith(f"{each}_") for each in names)


def list_references(value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in ("$ref", "$item", "$site"):
                yield key, inner
            else:
                yield from list_references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from list_references(inner)
