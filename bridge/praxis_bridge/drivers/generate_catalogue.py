"""Writes domain/catalogue/pylabrobot.json: what the pinned PyLabRobot offers, read from its signatures.

Run as `python -m praxis_bridge.drivers.generate_catalogue [FILE]`; without FILE it prints. The output is the same at every
run of the same version, so that a test can compare. Front ends are the subclasses of Machine, commands their public
coroutine methods; backends are listed with the arguments they take beyond those of the front end.
"""

from __future__ import annotations

import collections.abc
import contextlib
import enum
import importlib
import importlib.metadata
import inspect
import io
import json
import logging
import pkgutil
import re
import sys
import types
import typing
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .registry import read_constructor_hints

# Where the front end's method passes its extra arguments to a backend's method of another name.
BACKEND_METHODS = {
    "return_tips": "drop_tips",
    "discard_tips": "drop_tips",
    "return_tips96": "drop_tips96",
    "discard_tips96": "drop_tips96",
    "shake": "start_shaking",
}
# What front ends themselves pass to their backends; whoever sends a command cannot.
INTERNAL_ARGUMENTS = frozenset(
    {"self", "ops", "use_channels", "pickup", "drop", "move", "aspiration", "dispense", "dispense_parameters"}
    | {"plate", "site", "row", "column", "stack_index"}
)
NAMED = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
ARGUMENT_SECTION = re.compile(r"^\s*(?:Args|Arguments|Returns|Raises|Note|Example|Examples|Usage)s?:", re.MULTILINE)

Found = dict[str, dict[str, Any]]


def read_catalogue() -> dict[str, Any]:
    _import_all()
    from pylabrobot.machines.backend import MachineBackend
    from pylabrobot.machines.machine import Machine

    classes: Found = {"enums": {}, "values": {}, "resources": {}}
    frontends = {owner.__name__: _read_frontend(owner, classes) for owner in _list_subclasses(Machine)}
    backends: dict[str, Any] = {}
    for owner in _list_subclasses(MachineBackend):
        if not inspect.isabstract(owner) and not owner.__name__.startswith("_"):
            backends[owner.__name__] = _read_backend(owner, frontends, classes)
    return {
        "pylabrobot": importlib.metadata.version("pylabrobot"),
        "frontends": dict(sorted(frontends.items())),
        "backends": {name: entry for name, entry in sorted(backends.items()) if entry["frontends"]},
        "enums": dict(sorted(classes["enums"].items())),
        "values": dict(sorted(classes["values"].items())),
        "resources": sorted(classes["resources"]),
    }


def format_catalogue(catalogue: dict[str, Any]) -> str:
    """JSON with one method a line, so that a change of version can be read as a difference."""

    def fold(value: Any, depth: int, indent: str = "") -> str:
        if depth == 0 or not isinstance(value, dict) or not value:
            return json.dumps(value, ensure_ascii=False, allow_nan=False)
        members = [f"{indent} {json.dumps(key)}: {fold(item, depth - 1, indent + ' ')}" for key, item in value.items()]
        return "{\n" + ",\n".join(members) + f"\n{indent}}}"

    parts = {key: fold(value, 3 if key in ("frontends", "backends") else 1, " ") for key, value in catalogue.items()}
    return "{\n" + ",\n".join(f" {json.dumps(key)}: {text}" for key, text in parts.items()) + "\n}\n"


def _import_all() -> None:
    """Everything of PyLabRobot that can be imported without optional packages; it prints and warns while it is."""
    logging.getLogger("pylabrobot").setLevel(logging.CRITICAL)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        import pylabrobot

        for found in pkgutil.walk_packages(pylabrobot.__path__, "pylabrobot.", onerror=lambda name: None):
            if "test" in found.name:
                continue
            with contextlib.suppress(Exception):  # A module that cannot be imported offers nothing.
                importlib.import_module(found.name)


def _list_subclasses(base: type) -> list[type]:
    found: set[type] = set()
    waiting = [base]
    while waiting:
        subclasses: list[type] = waiting.pop().__subclasses__()
        for owner in subclasses:
            if owner not in found and owner.__module__.startswith("pylabrobot."):
                found.add(owner)
                waiting.append(owner)
    return sorted(found, key=lambda owner: (owner.__name__, owner.__module__))


def _read_frontend(owner: type, classes: Found) -> dict[str, Any]:
    from pylabrobot.machines.machine import Machine

    bases = [base.__name__ for base in owner.__mro__[1:] if issubclass(base, Machine) and base is not Machine]
    hint = read_constructor_hints(owner).get("backend")
    methods: dict[str, Any] = {}
    for name, member in inspect.getmembers(owner, callable):
        function = inspect.unwrap(member)
        is_command = inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)
        if not name.startswith("_") and is_command:
            methods[name] = _read_method(function, classes)
    return {
        "module": owner.__module__,
        "bases": bases,
        "backends": sorted(member.__name__ for member in _list_union(hint) if inspect.isclass(member)),
        "doc": _read_doc(owner),
        "methods": methods,
    }


def _read_method(function: Callable[..., Any], classes: Found) -> dict[str, Any]:
    hints = typing.get_type_hints(function)
    parameters = list(inspect.signature(function).parameters.values())[1:]
    return {
        "doc": _read_doc(function),
        "parameters": [_read_parameter(item, hints, classes) for item in parameters if item.kind in NAMED],
        "takesBackendArguments": any(item.kind is inspect.Parameter.VAR_KEYWORD for item in parameters),
        "returns": describe_type(hints["return"], classes) if "return" in hints else "any",
    }


def _read_backend(owner: type, frontends: dict[str, Any], classes: Found) -> dict[str, Any]:
    lineage = {base.__name__ for base in owner.__mro__}
    fitting = [name for name, entry in frontends.items() if lineage & set(entry["backends"])]
    methods: dict[str, Any] = {}
    for frontend in fitting:
        for name, method in frontends[frontend]["methods"].items():
            source = getattr(owner, BACKEND_METHODS.get(name, name), None) or getattr(owner, name, None)
            if method["takesBackendArguments"] and name != "setup" and inspect.isfunction(source):
                known = {parameter["name"] for parameter in method["parameters"]}
                extra = _read_extra_arguments(source, known, classes)
                if extra:
                    methods[name] = {"parameters": extra}
    return {"module": owner.__module__, "frontends": sorted(fitting), "methods": dict(sorted(methods.items()))}


def _read_extra_arguments(source: Callable[..., Any], known: set[str], classes: Found) -> list[Any]:
    function = inspect.unwrap(source)
    try:
        hints = typing.get_type_hints(function)
    except (NameError, TypeError):
        hints = {}  # Hints of optional packages; the arguments are still known by name.
    skipped = INTERNAL_ARGUMENTS | known
    parameters = inspect.signature(function).parameters.values()
    return [_read_parameter(item, hints, classes) for item in parameters if item.kind in NAMED and item.name not in skipped]


def _read_parameter(parameter: inspect.Parameter, hints: dict[str, Any], classes: Found) -> dict[str, Any]:
    entry = {"name": parameter.name, "type": describe_type(hints.get(parameter.name, Any), classes)}
    if parameter.default is inspect.Parameter.empty:
        return {**entry, "required": True}
    return {**entry, "required": False, "default": _describe_default(parameter.default)}


def describe_type(hint: Any, classes: Found) -> Any:
    """Names for leaves; {"list": T}, {"union": […]}, {"literal": […]}, {"tuple": […]}, {"dict": [K, V]} for the rest."""
    origin, members = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        flat = [describe_type(member, classes) for member in members]
        return {"union": [item for index, item in enumerate(flat) if item not in flat[:index]]}
    if origin is typing.Literal:
        return {"literal": list(members)}
    if origin is tuple:
        return {"tuple": [describe_type(member, classes) for member in members if member is not Ellipsis]}
    if origin is dict or hint is dict:
        return {"dict": [describe_type(member, classes) for member in members] or ["str", "any"]}
    if origin is collections.abc.Callable or hint is collections.abc.Callable:
        return "callable"
    if origin is not None and inspect.isclass(origin) and issubclass(origin, collections.abc.Iterable):
        return {"list": describe_type(members[0] if members else Any, classes)}
    if hint is type(None):
        return "none"
    if hint is Any or not inspect.isclass(hint):
        return "any"
    _remember_class(hint, classes)
    return hint.__name__


def _remember_class(owner: type, classes: Found) -> None:
    from pylabrobot.resources import Resource

    name = owner.__name__
    if not owner.__module__.startswith("pylabrobot.") or any(name in table for table in classes.values()):
        return
    if issubclass(owner, Resource):
        classes["resources"][name] = True
    elif issubclass(owner, enum.Enum):
        classes["enums"][name] = list(owner.__members__)
    else:
        classes["values"][name] = {}  # Before its fields are read, which may name it again.
        hints = read_constructor_hints(owner)
        fields = [item for item in inspect.signature(owner).parameters.values() if item.kind in NAMED]
        classes["values"][name] = {"fields": [_read_parameter(item, hints, classes) for item in fields]}


def _describe_default(value: Any) -> Any:
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, enum.Enum):
        return value.name
    if isinstance(value, (int, float)):
        return value if abs(value) < 1e300 else str(value)
    if isinstance(value, (list, tuple)):
        return [_describe_default(item) for item in value]
    fields = vars(value) if hasattr(value, "__dict__") else {}
    return {name: _describe_default(item) for name, item in fields.items() if not name.startswith("_")}


def _list_union(hint: Any) -> list[Any]:
    members = typing.get_args(hint)
    return list(members) if members else [] if hint is None else [hint]


def _read_doc(owner: Any) -> str:
    """The first sentence."""
    text = ARGUMENT_SECTION.split(inspect.cleandoc(owner.__doc__ or ""))[0].split("\n\n")[0]
    sentence = re.split(r"(?<=[.!?])\s+(?=[A-Z])", " ".join(text.split()))[0]
    return re.sub(r"``?([^`]*)``?", r"\1", re.sub(r":\w+:`([^`]*)`", r"\1", sentence))


if __name__ == "__main__":
    rendered = format_catalogue(read_catalogue())
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(rendered)
    else:
        sys.stdout.write(rendered)
