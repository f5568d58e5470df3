"""Front ends and backends by id. A request names an id of these tables; nothing else can be built or called.

Pumps are missing on purpose: their front ends forget to await the backend, so a command would do nothing and succeed.
"""

from __future__ import annotations

import importlib
import inspect
import typing
from dataclasses import dataclass
from typing import Any, Callable

from ..errors import BridgeError

FRONTENDS = {
    "LiquidHandler": "pylabrobot.liquid_handling.liquid_handler",
    "PlateReader": "pylabrobot.plate_reading.plate_reader",
    "HeaterShaker": "pylabrobot.heating_shaking.heater_shaker",
    "Shaker": "pylabrobot.shaking.shaker",
    "TemperatureController": "pylabrobot.temperature_controlling.temperature_controller",
    "Thermocycler": "pylabrobot.thermocycling.thermocycler",
    "Centrifuge": "pylabrobot.centrifuge.centrifuge",
    "Scale": "pylabrobot.scales.scale",
    "Tilter": "pylabrobot.tilting.tilter",
    "PowderDispenser": "pylabrobot.powder_dispensing.powder_dispenser",
    "Fan": "pylabrobot.only_fans.fan",
    "Sealer": "pylabrobot.sealing.sealer",
    "Peeler": "pylabrobot.peeling.peeler",
    "BarcodeScanner": "pylabrobot.barcode_scanners.barcode_scanner",
}

# Their setup() moves nothing, so the bridge may connect them by itself.
SIMULATED_BACKENDS = {
    "CountingSTARChatterboxBackend": "praxis_bridge.simulators.counting",
    "STARChatterboxBackend": "pylabrobot.liquid_handling.backends.hamilton.STAR_chatterbox",
    "LiquidHandlerChatterboxBackend": "pylabrobot.liquid_handling.backends.chatterbox",
    "PlateReaderChatterboxBackend": "pylabrobot.plate_reading.chatterbox",
    "HeaterShakerChatterboxBackend": "pylabrobot.heating_shaking.chatterbox",
    "ShakerChatterboxBackend": "pylabrobot.shaking.chatterbox",
    "TemperatureControllerChatterboxBackend": "pylabrobot.temperature_controlling.chatterbox",
    "ThermocyclerChatterboxBackend": "pylabrobot.thermocycling.chatterbox",
    "CentrifugeChatterboxBackend": "pylabrobot.centrifuge.chatterbox",
    "ScaleChatterboxBackend": "pylabrobot.scales.chatterbox",
    "TilterChatterboxBackend": "pylabrobot.tilting.chatterbox",
    "PowderDispenserChatterboxBackend": "pylabrobot.powder_dispensing.chatterbox",
    "FanChatterboxBackend": "pylabrobot.only_fans.chatterbox",
}

HARDWARE_BACKENDS = {
    "STARBackend": "pylabrobot.liquid_handling.backends.hamilton.STAR_backend",
}

# setup and stop move axes or lose heat: operator steps. stamp() dispenses back into its source.
REFUSED_METHODS = frozenset({"setup", "stop", "stamp"})
DEFAULT_SIZE_MM = 100.0


@dataclass(frozen=True)
class MethodPlan:
    """One command of a machine: its bound method and the type hints by which arguments are decoded."""

    call: Callable[..., Any]
    hints: dict[str, Any]
    required: frozenset[str]


def find_frontend(name: Any) -> type:
    return _find_class(name, FRONTENDS, "front end")


def find_backend(name: Any, mode: Any) -> type:
    """A real backend is never taken for a simulator: simulators are set up without asking."""
    if mode == "simulation":
        return _find_class(name, SIMULATED_BACKENDS, "simulated backend")
    return _find_class(name, HARDWARE_BACKENDS, "hardware backend")


def plan_methods(frontend: Any) -> dict[str, MethodPlan]:
    """Every public coroutine method of the front end, so that a request is looked up and never evaluated."""
    plans: dict[str, MethodPlan] = {}
    for name, member in inspect.getmembers(type(frontend), callable):
        if name.startswith("_") or name in REFUSED_METHODS or not inspect.iscoroutinefunction(inspect.unwrap(member)):
            continue
        plans[name] = _plan_method(frontend, name, member)
    return plans


def fill_constructor(owner: type, given: dict[str, Any]) -> dict[str, Any]:
    """Arguments of a front end's constructor: those it knows of the given ones, and a size where it wants one."""
    arguments: dict[str, Any] = {}
    for name, parameter in inspect.signature(owner).parameters.items():
        if name in given:
            arguments[name] = given[name]
        elif parameter.default is inspect.Parameter.empty and name.startswith("size_"):
            arguments[name] = DEFAULT_SIZE_MM
    return arguments


def _plan_method(frontend: Any, name: str, member: Any) -> MethodPlan:
    function = inspect.unwrap(member)
    hints = typing.get_type_hints(function)
    parameters = list(inspect.signature(function).parameters.values())[1:]
    accepted: dict[str, Any] = {}
    takes_backend_arguments = False
    for parameter in parameters:
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            takes_backend_arguments = True
        else:
            accepted[parameter.name] = hints.get(parameter.name, Any)
    empty = inspect.Parameter.empty
    positional = [p for p in parameters if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]
    required = frozenset(p.name for p in positional if p.default is empty)
    if takes_backend_arguments:
        accepted = {**_read_backend_arguments(frontend.backend, name), **accepted}
    return MethodPlan(getattr(frontend, name), accepted, required)


def _read_backend_arguments(backend: Any, method_name: str) -> dict[str, Any]:
    """Extra arguments that go through to the backend's method. return_tips and discard_tips pass theirs to drop_tips."""
    source = {"return_tips": "drop_tips", "discard_tips": "drop_tips", "return_tips96": "drop_tips96", "discard_tips96": "drop_tips96"}
    function = getattr(type(backend), source.get(method_name, method_name), None)
    if function is None:
        return {}
    function = inspect.unwrap(function)
    try:
        hints = typing.get_type_hints(function)
    except (NameError, TypeError):
        hints = {}
    internal = {"self", "ops", "use_channels", "pickup", "drop", "move"}
    skipped = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    parameters = inspect.signature(function).parameters.values()
    return {p.name: hints.get(p.name, Any) for p in parameters if p.kind not in skipped and p.name not in internal}


def _find_class(name: Any, table: dict[str, str], what: str) -> type:
    module_name = table.get(name) if isinstance(name, str) else None
    if module_name is None:
        raise BridgeError("BAD_ARGUMENTS", f"{str(name)[:100]!r} is not a {what}; known are: {', '.join(sorted(table))}.")
    return typing.cast(type, getattr(importlib.import_module(module_name), name))
