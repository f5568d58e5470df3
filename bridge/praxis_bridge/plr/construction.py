"""Builds a front end from its spec: constructor arguments from an allow-list, defaults where the spec says nothing.

A front end that makes the backend of its vendor by itself gets ours instead, so that the spec always says which it is.
"""

from __future__ import annotations

import importlib
import inspect
import typing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pylabrobot.resources import Deck, PlateCarrier, Resource

from ..drivers import registry
from ..wire.errors import CommandError
from .codec import decode_arguments, decode_value

# A little more than a plate.
DEFAULT_SIZES_MM = {"size_x": 130.0, "size_y": 100.0, "size_z": 50.0}
RACKS_LIMIT = 10
RACK_MODULES = ("pylabrobot.storage.cytomat.racks", "pylabrobot.storage.liconic.racks")
DEFAULT_RACK = "cytomat_rack_23mm_21"

# Given by the bridge or without a JSON form; everything else of a constructor may be given from outside.
NEVER_FROM_OUTSIDE = frozenset({"name", "backend", "deck", "buckets", "child", "_ignored"})
# They only serve to make a backend of hardware, which the bridge makes from `backendArguments`.
CONNECTION_ARGUMENTS = frozenset({"opentrons_id", "serial_port", "com_port", "timeout", "write_timeout"})
# Constructor arguments that a front end demands beside sizes, where the spec leaves them out.
DEFAULT_ARGUMENTS: dict[str, Any] = {
    "child_location": {"x": 0, "y": 0, "z": 0},
    "loading_tray_location": {"x": 0, "y": 0, "z": 0},
    "hinge_coordinate": {"x": 0, "y": 0, "z": 0},
    "racks": [{"type": DEFAULT_RACK}],
}
# What vendors' front ends insist on, and nobody uses once the backend is ours.
VENDOR_ARGUMENTS: dict[str, dict[str, Any]] = {
    "OpentronsTemperatureModuleV2": {"opentrons_id": "unused"},
    "OpentronsThermocyclerModuleV1": {"opentrons_id": "unused"},
    "OpentronsThermocyclerModuleV2": {"opentrons_id": "unused"},
    "HamiltonTiltModule": {"com_port": "unused"},
}
# Vendors' front ends and the backend class that each makes in its constructor.
MADE_BACKENDS = {
    "OpentronsTemperatureModuleV2": "OpentronsTemperatureModuleBackend",
    "HamiltonTiltModule": "HamiltonTiltModuleBackend",
    "ByonoyAbsorbance96Automate": "ByonoyAbsorbance96AutomateBackend",
    "ByonoyLuminescence96Automate": "ByonoyLuminescence96AutomateBackend",
}


@dataclass(frozen=True)
class Surroundings:
    """What a front end may be built upon."""

    deck: Deck | None
    find_centrifuge: Callable[[str | None], Any]


def build_frontend(spec: dict[str, Any], backend: Any, around: Surroundings) -> Any:
    """The front end of one machine. Raises CommandError or whatever its constructor raises."""
    frontend_class = registry.find_frontend(spec["frontend"])
    if not registry.fits(type(backend), frontend_class):
        fitting = ", ".join(registry.list_simulators(spec["frontend"])) if spec["mode"] == "simulation" else "see the reference"
        raise CommandError("BAD_ARGUMENTS", f"{spec['backend']} is no backend of a {spec['frontend']}; those are: {fitting}")
    arguments = _read_arguments(spec, frontend_class, around)
    given = {"name": spec["name"], "backend": backend, "deck": around.deck}
    accepted = inspect.signature(frontend_class).parameters
    arguments.update({name: value for name, value in given.items() if name in accepted})
    arguments.update(VENDOR_ARGUMENTS.get(spec["frontend"], {}))
    with _hand_over(backend, spec["frontend"]):
        frontend = frontend_class(**arguments)
    # Some front ends choose their own name; commands and labware find the machine by the name of its spec.
    if isinstance(frontend, Resource) and spec["frontend"] != "LiquidHandler":
        frontend.name = spec["name"]
    return frontend


def build_backend(spec: dict[str, Any]) -> Any:
    backend_class = registry.find_backend(spec["backend"], spec["mode"])
    hints = registry.read_constructor_hints(backend_class)
    parameters = inspect.signature(backend_class).parameters
    named = [p for p in parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    required = frozenset(p.name for p in named if p.default is inspect.Parameter.empty)
    wanted = {name: hints.get(name, Any) for name in parameters}
    return backend_class(**decode_arguments(wanted, required, spec["backendArguments"], _refuse_reference))


def list_frontend_arguments(frontend_class: type) -> list[str]:
    """Names that `frontendArguments` of this front end may have."""
    return [name for name in inspect.signature(frontend_class).parameters if name not in NEVER_FROM_OUTSIDE | CONNECTION_ARGUMENTS]


def _read_arguments(spec: dict[str, Any], frontend_class: type, around: Surroundings) -> dict[str, Any]:
    given = spec.get("frontendArguments", {})
    accepted = list_frontend_arguments(frontend_class)
    unknown = sorted(set(given) - set(accepted))
    if unknown:
        raise CommandError("BAD_ARGUMENTS", f"unknown frontendArguments: {', '.join(unknown)}; known are: {', '.join(accepted) or 'none'}")
    hints = registry.read_constructor_hints(frontend_class)
    arguments: dict[str, Any] = {}
    for name in accepted:
        parameter = inspect.signature(frontend_class).parameters[name]
        if name == "racks":
            arguments[name] = _build_racks(spec["name"], given.get(name, DEFAULT_ARGUMENTS[name]))
        elif name == "centrifuge":
            arguments[name] = around.find_centrifuge(given.get(name))
        elif name in given:
            arguments[name] = decode_value(given[name], hints.get(name, Any), f"frontendArguments.{name}", _refuse_reference)
        elif parameter.default is inspect.Parameter.empty and parameter.kind is parameter.POSITIONAL_OR_KEYWORD:
            arguments[name] = _default(name, hints.get(name, Any))
    return arguments


def _default(name: str, hint: Any) -> Any:
    if name in DEFAULT_SIZES_MM:
        return DEFAULT_SIZES_MM[name]
    if name not in DEFAULT_ARGUMENTS:
        raise CommandError("BAD_ARGUMENTS", f"frontendArguments.{name} is missing")
    return decode_value(DEFAULT_ARGUMENTS[name], hint, name, _refuse_reference)


def _build_racks(machine: str, specs: Any) -> list[PlateCarrier]:
    if not isinstance(specs, list) or not 1 <= len(specs) <= RACKS_LIMIT:
        raise CommandError("BAD_ARGUMENTS", f"frontendArguments.racks must be a list of 1 to {RACKS_LIMIT} racks")
    return [_build_rack(f"{machine}_rack_{number}", spec) for number, spec in enumerate(specs, 1)]


def _build_rack(name: str, spec: Any) -> PlateCarrier:
    type_name = spec.get("type") if isinstance(spec, dict) else None
    for module_name in RACK_MODULES:
        factory = vars(importlib.import_module(module_name)).get(type_name) if isinstance(type_name, str) else None
        if inspect.isfunction(factory) and not factory.__name__.startswith("_"):
            return typing.cast(PlateCarrier, factory(name))
    raise CommandError("BAD_ARGUMENTS", f"{name}: {str(type_name)[:100]!r} is no rack of PyLabRobot's storage, for example {DEFAULT_RACK}")


@contextmanager
def _hand_over(backend: Any, frontend: str) -> Iterator[None]:
    """While a vendor's front end is built, the backend class it calls yields the backend that is there already."""
    made = MADE_BACKENDS.get(frontend)
    if made is None:
        yield
        return
    module = importlib.import_module(str(registry.FRONTENDS[frontend]))
    original = getattr(module, made)
    setattr(module, made, lambda **_arguments: backend)
    try:
        yield
    finally:
        setattr(module, made, original)


def _refuse_reference(name: str) -> Any:
    raise CommandError("BAD_ARGUMENTS", f"a machine is built without references, not even to {name!r}")
