"""Whether the numbers of a command are such that a machine of its kind can have them. What authors are refused already is
refused here for whoever else asks: commands by hand and statements of people.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..wire.errors import CommandError
from .bounds_table import ARGUMENT_BOUNDS, METHOD_BOUNDS, Bounds
from .registry import FRONTENDS


def require_in_bounds(frontend: type, method: str, arguments: dict[str, Any]) -> None:
    """Raises BAD_ARGUMENTS for the first number out of bounds. A driver from outside has none here."""
    kinds = [owner.__name__ for owner in frontend.__mro__]
    if not any(isinstance(FRONTENDS.get(kind), str) for kind in kinds):
        return
    own = next((METHOD_BOUNDS[kind][method] for kind in kinds if method in METHOD_BOUNDS.get(kind, {})), {})
    for path, value in _list_numbers(arguments, ()):
        bounds = _find_bounds(own, path)
        if bounds is not None and not _is_within(value, bounds):
            raise CommandError("BAD_ARGUMENTS", f"{'.'.join(path)} of {method} must be {_describe(bounds)}, not {_show(value)}.")


def _list_numbers(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], float]]:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        yield path, value
    elif isinstance(value, list):
        for item in value:
            yield from _list_numbers(item, path)
    # Labware, its positions and sites go by name and number; none of them measures anything.
    elif isinstance(value, dict) and not any(key.startswith("$") for key in value):
        for key, member in value.items():
            yield from _list_numbers(member, (*path, key))


def _find_bounds(own: dict[str, Bounds], path: tuple[str, ...]) -> Bounds | None:
    """Of the path itself, or of the nearest owner that has any."""
    for length in range(len(path), 0, -1):
        name = ".".join(path[:length])
        bounds = own.get(name) or ARGUMENT_BOUNDS.get(name)
        if bounds is not None:
            return bounds
    return None


def _is_within(value: float, bounds: Bounds) -> bool:
    return value <= bounds.max and (value > bounds.min if bounds.is_above_min else value >= bounds.min)


def _describe(bounds: Bounds) -> str:
    least, most = _show(bounds.min), _show(bounds.max)
    return f"above {least} and at most {most}" if bounds.is_above_min else f"from {least} to {most}"


def _show(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)
