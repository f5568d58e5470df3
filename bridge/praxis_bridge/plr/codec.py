"""Values between JSON and PyLabRobot: arguments are decoded by the type hints of the method, results encoded as they come.

Resources travel by reference: {"$ref": "plate_1"}, {"$item": ["plate_1", "A1"]}, {"$site": ["carrier", 0]}. Enums go by member name, value
classes (Coordinate, Mix, …) as objects of their constructor's arguments. A class is never chosen by the text of a request.
"""

from __future__ import annotations

import base64
import collections.abc
import dataclasses
import datetime
import enum
import inspect
import math
import types
import typing
from collections.abc import Callable
from typing import Any

from ..drivers.exceptions import describe
from ..drivers.imaging import make_evaluator
from ..drivers.places import list_places
from ..drivers.registry import read_constructor_hints
from ..wire.errors import CommandError
from ..wire.jsontext import dump_json, make_visible

ENCODE_DEPTH_LIMIT = 32
SAFE_INTEGER = 2**53
# A larger result stays out of the journal and off the wire; the command has ended all the same.
RESULT_LIMIT_BYTES = 2 * 1024 * 1024

FindResource = Callable[[str], Any]


def decode_arguments(hints: dict[str, Any], required: frozenset[str], given: dict[str, Any], find: FindResource) -> dict[str, Any]:
    unknown = sorted(set(given) - set(hints))
    if unknown:
        raise CommandError("BAD_ARGUMENTS", f"unknown arguments: {', '.join(unknown)}; known are: {', '.join(sorted(hints))}")
    missing = sorted(required - set(given))
    if missing:
        raise CommandError("BAD_ARGUMENTS", f"missing arguments: {', '.join(missing)}")
    return {name: decode_value(value, hints[name], name, find) for name, value in given.items()}


def decode_value(value: Any, hint: Any, where: str, find: FindResource) -> Any:
    """Decodes one value as its hint demands, or raises BAD_ARGUMENTS or LABWARE_NOT_FOUND with the place."""
    if hint is Any or hint is inspect.Parameter.empty or isinstance(hint, typing.TypeVar):
        return _decode_free(value, where, find)
    origin, members = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return _decode_union(value, members, where, find)
    if origin is typing.Literal:
        if value in members and not isinstance(value, bool):
            return value
        raise _wrong(where, "one of " + ", ".join(map(repr, members)), value)
    if origin in (list, collections.abc.Sequence, collections.abc.Iterable, set) or hint is list:
        items = _require(value, list, where, "a list")
        item_hint = members[0] if members else Any
        return [decode_value(item, item_hint, f"{where}[{index}]", find) for index, item in enumerate(items)]
    if origin is tuple:
        return _decode_tuple(value, members, where, find)
    if origin in (dict, collections.abc.Mapping) or hint is dict:
        return _decode_dict(value, members, where, find)
    if inspect.isclass(hint):
        return _decode_class(value, hint, where, find)
    raise CommandError("BAD_ARGUMENTS", f"{where} can't be given from outside: it wants {hint}")


def encode_result(value: Any) -> Any:
    """JSON of the result of a command, unless it is too large."""
    result = encode_value(value)
    size_bytes = 0 if result is None else len(dump_json(result))
    if size_bytes <= RESULT_LIMIT_BYTES:
        return result
    return {"$unencodable": type(result).__name__, "because": f"{size_bytes} bytes are more than {RESULT_LIMIT_BYTES}"}


def encode_value(value: Any, depth: int = 0) -> Any:
    """JSON of whatever a driver returns. Never raises: a result that can't be shown does not undo a motion."""
    try:
        return _encode(value, depth)
    except BaseException as error:  # A foreign object may raise anything, SystemExit included, when it is looked at.
        return {"$unencodable": type(value).__name__, "because": describe(error)}


def _encode(value: Any, depth: int) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if depth > ENCODE_DEPTH_LIMIT:
        return {"$unencodable": type(value).__name__, "because": f"nested deeper than {ENCODE_DEPTH_LIMIT} levels"}
    if isinstance(value, enum.Enum):
        return value.name
    if isinstance(value, int):
        return int(value) if abs(value) <= SAFE_INTEGER else hex(value)
    if isinstance(value, float):
        return _encode_float(float(value))
    if isinstance(value, str):
        return make_visible(str(value))
    if isinstance(value, (bytes, bytearray)):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, dict):
        return {_encode_key(key): encode_value(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [encode_value(item, depth + 1) for item in value]
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    return _encode_object(value, depth)


def _encode_object(value: Any, depth: int) -> Any:
    from pylabrobot.resources import Resource

    if isinstance(value, Resource):
        return {"$ref": value.name}
    if callable(getattr(value, "tolist", None)):
        return encode_value(value.tolist(), depth + 1)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: encode_value(getattr(value, item.name), depth + 1) for item in dataclasses.fields(value)}
    if callable(getattr(value, "serialize", None)):
        return encode_value(value.serialize(), depth + 1)
    return {"$unencodable": type(value).__name__, "because": "it has no JSON form"}


def _encode_key(key: Any) -> str:
    return key.name if isinstance(key, enum.Enum) else make_visible(str(key))


def _encode_float(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")


def _decode_union(value: Any, members: tuple[Any, ...], where: str, find: FindResource) -> Any:
    if value is None:
        if type(None) in members:
            return None
        raise _wrong(where, "a value", value)
    first_error: CommandError | None = None
    for member in members:
        if member is type(None):
            continue
        try:
            return decode_value(value, member, where, find)
        except CommandError as error:
            # The next member may fit; a name that does not exist fits none, and says more than a wrong type.
            if first_error is None or error.code == "LABWARE_NOT_FOUND":
                first_error = error
    raise first_error or _wrong(where, "a value", value)


def _decode_tuple(value: Any, members: tuple[Any, ...], where: str, find: FindResource) -> tuple[Any, ...]:
    items = _require(value, list, where, "a list")
    if len(members) == 2 and members[1] is Ellipsis:
        return tuple(decode_value(item, members[0], f"{where}[{index}]", find) for index, item in enumerate(items))
    if members and len(items) != len(members):
        raise _wrong(where, f"a list of {len(members)}", value)
    hints = members or tuple(Any for _ in items)
    return tuple(decode_value(item, hint, f"{where}[{index}]", find) for index, (item, hint) in enumerate(zip(items, hints, strict=True)))


def _decode_dict(value: Any, members: tuple[Any, ...], where: str, find: FindResource) -> dict[Any, Any]:
    given = _require(value, dict, where, "an object")
    key_hint, item_hint = members or (str, Any)
    decoded: dict[Any, Any] = {}
    for key, item in given.items():
        if key_hint is int and not key.lstrip("-").isdigit():
            raise _wrong(f"{where}.{key}", "an integer as key", key)
        decoded[int(key) if key_hint is int else key] = decode_value(item, item_hint, f"{where}.{key}", find)
    return decoded


def _decode_class(value: Any, hint: type, where: str, find: FindResource) -> Any:
    from pylabrobot.resources import Resource

    if hint is bool:
        return _require(value, bool, where, "true or false")
    if hint is str:
        return _require(value, str, where, "a text")
    if hint is int:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value):
            raise _wrong(where, "an integer", value)
        return int(value)
    if hint is float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise _wrong(where, "a number", value)
        return float(value)
    if hint is type(None):
        return _require(value, type(None), where, "null")
    if issubclass(hint, Resource):
        resource = _find_reference(value, where, find)
        if not isinstance(resource, hint):
            raise _wrong(where, f"a reference to a {hint.__name__}", value)
        return resource
    if issubclass(hint, enum.Enum):
        if isinstance(value, str) and value in hint.__members__:
            return hint[value]
        raise _wrong(where, "one of " + ", ".join(hint.__members__), value)
    if hint.__module__.startswith("pylabrobot."):
        return _build_value_object(value, hint, where, find)
    raise CommandError("BAD_ARGUMENTS", f"{where} can't be given from outside: it wants a {hint.__name__}")


def _build_value_object(value: Any, owner: type, where: str, find: FindResource) -> Any:
    if owner.__name__ == "AutoExposure":
        return _build_auto_exposure(value, owner, where, find)
    given = _require(value, dict, where, f"an object with the fields of {owner.__name__}")
    hints = read_constructor_hints(owner)
    parameters = {name: p for name, p in inspect.signature(owner).parameters.items() if p.kind is not p.VAR_KEYWORD}
    required = frozenset(name for name, p in parameters.items() if p.default is inspect.Parameter.empty)
    try:
        return owner(**decode_arguments({name: hints.get(name, Any) for name in parameters}, required, given, find))
    except CommandError as error:
        raise CommandError(error.code, f"{where}: {error}") from error
    except (TypeError, ValueError, AssertionError) as error:
        raise CommandError("BAD_ARGUMENTS", f"{where} is no {owner.__name__}: {error}") from error


def _build_auto_exposure(value: Any, owner: type, where: str, find: FindResource) -> Any:
    """Its first member is a function, which can't travel: its name and limits do instead."""
    given = _require(value, dict, where, "an object with the fields of AutoExposure")
    limits = {"max_rounds": int, "low": float, "high": float}
    hints = {"evaluate_exposure": dict, **limits}
    fields = decode_arguments(hints, frozenset(hints), given, find)
    members = {"name": str, "fraction": float, "margin": float}
    judge = decode_arguments(members, frozenset(members), fields["evaluate_exposure"], find)
    try:
        return owner(**{**fields, "evaluate_exposure": make_evaluator(**judge)})
    except ValueError as error:
        raise CommandError("BAD_ARGUMENTS", f"{where}: {error}") from error


def _decode_free(value: Any, where: str, find: FindResource) -> Any:
    """Without a hint: references are resolved, everything else stays JSON."""
    if isinstance(value, list):
        return [_decode_free(item, f"{where}[{index}]", find) for index, item in enumerate(value)]
    if isinstance(value, dict):
        if "$ref" in value or "$item" in value or "$site" in value:
            return _find_reference(value, where, find)
        return {key: _decode_free(item, f"{where}.{key}", find) for key, item in value.items()}
    return value


def _find_reference(value: Any, where: str, find: FindResource) -> Any:
    if isinstance(value, dict) and len(value) == 1:
        name = value.get("$ref")
        if isinstance(name, str):
            return find(name)
        pair = value.get("$item")
        if isinstance(pair, list) and len(pair) == 2 and all(isinstance(part, str) for part in pair):
            return _find_item(find(pair[0]), pair)
        place = value.get("$site")
        if isinstance(place, list) and len(place) == 2 and isinstance(place[0], str) and type(place[1]) is int:
            return _find_site(find(place[0]), place)
    raise _wrong(where, 'a reference {"$ref": name}, {"$item": [name, position]} or {"$site": [carrier, number]}', value)


def _find_site(resource: Any, place: list[Any]) -> Any:
    """A site of a carrier; of a machine with several, in the order of its sites."""
    sites = getattr(resource, "sites", None)
    if not isinstance(sites, dict):
        sites = dict(enumerate(list_places(resource)))
    if place[1] not in sites:
        raise CommandError("LABWARE_NOT_FOUND", f"{place[0]} has no site {place[1]}.")
    return sites[place[1]]


def _find_item(resource: Any, pair: list[str]) -> Any:
    if not callable(getattr(resource, "get_item", None)):
        raise CommandError("LABWARE_NOT_FOUND", f"{pair[0]} has no positions, so there is no {pair[1]!r}.")
    try:
        return resource.get_item(pair[1])
    except (IndexError, KeyError, ValueError) as error:
        raise CommandError("LABWARE_NOT_FOUND", f"{pair[0]} has no position {pair[1]!r}{_describe_shape(resource)}.") from error


def _describe_shape(resource: Any) -> str:
    rows, columns = getattr(resource, "num_items_y", None), getattr(resource, "num_items_x", None)
    return "" if rows is None or columns is None else f"; it has {rows} rows and {columns} columns"


def _require(value: Any, wanted: type, where: str, what: str) -> Any:
    if not isinstance(value, wanted):
        raise _wrong(where, what, value)
    return value


def _wrong(where: str, wanted: str, value: Any) -> CommandError:
    shown = repr(value)
    return CommandError("BAD_ARGUMENTS", f"{where} must be {wanted}, not {shown[:80]}")
