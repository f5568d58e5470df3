"""What may be called on a machine: its public coroutine methods, looked up by name and never evaluated.

Left out are lifecycle methods, and methods that string motions together: those are built from primitives in the SDK, so
that a crash lands between two journaled commands. What PyLabRobot gets wrong around a call is put right here.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..wire.errors import CommandError
from . import imaging, liquid_handler, places
from .machine_state import learn
from .never_awaited import take_dropped

# setup and stop move axes or lose heat, so they are steps of an operator.
LIFECYCLE = "it connects or disconnects the machine, which is a step of an operator"
_STRING = "it strings several motions together; use its primitives one by one"
_SLEEP = "it sleeps while the machine runs; start, wait and stop one by one"

# Front end in whose class the method is defined → method → why it is no command.
NOT_COMMANDS: dict[str, dict[str, str]] = {
    "LiquidHandler": {
        "transfer": _STRING,
        "move_tips": _STRING,
        "move_resource": _STRING,
        "move_plate": _STRING,
        "move_lid": _STRING,
        "stamp": "it dispenses back into its source; use aspirate96 and dispense96",
        "consolidate_tip_inventory": _STRING,
        "probe_tip_inventory": _STRING,
        "probe_tip_presence_via_pickup": _STRING,
    },
    "Thermocycler": {
        "run_pcr_profile": "it heats the lid, waits and runs a protocol; use set_lid_temperature and run_protocol",
    },
    "Pump": {"run_for_duration": _SLEEP},
    "PumpArray": {"run_for_duration": _SLEEP},
    "Centrifuge": {"start_spin_cycle": "PyLabRobot keeps it as the old name of spin"},
}

# Arguments that the bridge gives, always. Without the new type a reading is a bare matrix with neither time nor temperature.
FIXED_ARGUMENTS: dict[str, dict[str, Any]] = {
    method: {"use_new_return_type": True} for method in ("read_luminescence", "read_absorbance", "read_fluorescence")
}
# Method of a liquid handler → an argument of a later method, which may be told with it: what would forbid that one is asked before
# this one begins, so that no plate is taken that can't be put down.
ASKED_AHEAD = {"pick_up_resource": ("destination", "drop_resource")}
# Arguments of a backend's method that the front end fills in.
FILLED_BY_FRONTEND = frozenset(
    {"self", "ops", "use_channels", "pickup", "drop", "move", "aspiration", "dispense", "plate", "row", "column", "stack_index"}
)
# Front-end methods whose backend arguments go to a backend method of another name.
BACKEND_NAMES = {
    "return_tips": "drop_tips",
    "discard_tips": "drop_tips",
    "return_tips96": "drop_tips96",
    "discard_tips96": "drop_tips96",
    "shake": "start_shaking",
    "get_weight": "read_weight",
}


@dataclass(frozen=True)
class MethodPlan:
    """One command of a machine: its bound method and the type hints by which arguments are decoded."""

    call: Callable[..., Any]
    hints: dict[str, Any]
    required: frozenset[str]
    fixed: dict[str, Any] = field(default_factory=dict)


def plan_methods(frontend: Any) -> dict[str, MethodPlan]:
    """Every command of the front end by its name in PyLabRobot."""
    refused = list_refused(type(frontend))
    return {name: _plan_method(frontend, name) for name in list_coroutines(type(frontend)) if name not in refused}


def list_coroutines(frontend: type) -> list[str]:
    members = inspect.getmembers(frontend, callable)
    return [name for name, member in members if not name.startswith("_") and inspect.iscoroutinefunction(inspect.unwrap(member))]


def list_refused(frontend: type) -> dict[str, str]:
    """Public coroutine methods of a front end that are no commands, with the reason."""
    refused = {"setup": LIFECYCLE, "stop": LIFECYCLE}
    for owner in frontend.__mro__:
        refused.update(NOT_COMMANDS.get(owner.__name__, {}))
    return refused


def explain_refusal(frontend: str, cls: type, method: str) -> str:
    """One sentence for a person who asked for a method that is no command."""
    reason = list_refused(cls).get(method)
    return f"{frontend} has no command {method!r}" + ("." if reason is None else f": {reason}.")


def _plan_method(frontend: Any, name: str) -> MethodPlan:
    function = inspect.unwrap(getattr(type(frontend), name))
    hints = typing.get_type_hints(function)
    accepted: dict[str, Any] = dict(_read_asked_ahead(frontend, name))
    takes_backend_arguments = False
    required = set()
    for parameter in list(inspect.signature(function).parameters.values())[1:]:
        if parameter.kind is parameter.VAR_KEYWORD:
            takes_backend_arguments = True
        elif parameter.kind is not parameter.VAR_POSITIONAL:
            accepted[parameter.name] = hints.get(parameter.name, Any)
            if parameter.default is inspect.Parameter.empty:
                required.add(parameter.name)
    if takes_backend_arguments:
        accepted = {**_read_backend_arguments(frontend.backend, name), **accepted}
    fixed = FIXED_ARGUMENTS.get(name, {})
    hints = {name: hint for name, hint in accepted.items() if name not in fixed}
    return MethodPlan(_wrap(frontend, name, fixed), hints, frozenset(required), fixed)


def _wrap(frontend: Any, name: str, fixed: dict[str, Any]) -> Callable[..., Any]:
    method = getattr(frontend, name)
    told_ahead = frozenset(_read_asked_ahead(frontend, name))
    if name == "capture":
        method = imaging.keep_images(method)
    if name == "drop_resource" and hasattr(frontend, "get_picked_up_resource"):
        method = places.drop_at_place(frontend)
    if name == "return_tips96":
        method = liquid_handler.return_tips96(frontend)

    async def call(**arguments: Any) -> Any:
        own = {argument: value for argument, value in arguments.items() if argument not in told_ahead}
        result = await method(**fixed, **own)
        dropped = take_dropped()
        if dropped is not None:
            raise CommandError("MACHINE_ERROR", f"The driver did not carry out the whole command: {dropped}")
        learn(frontend, name, arguments)
        return result

    return call


def _read_asked_ahead(frontend: Any, name: str) -> dict[str, Any]:
    """Hints of arguments that are not the method's own."""
    if name not in ASKED_AHEAD or not hasattr(frontend, "head96"):
        return {}
    argument, method = ASKED_AHEAD[name]
    return {argument: typing.get_type_hints(inspect.unwrap(getattr(type(frontend), method)))[argument]}


def _read_backend_arguments(backend: Any, method_name: str) -> dict[str, Any]:
    """Extra arguments that go through to the backend's method."""
    names = (BACKEND_NAMES.get(method_name, method_name), method_name)
    function = next((getattr(type(backend), name) for name in names if hasattr(type(backend), name)), None)
    if function is None:
        return {}
    function = inspect.unwrap(function)
    try:
        hints = typing.get_type_hints(function)
    except (NameError, TypeError):
        # Hints that can't be resolved say nothing; the values are then taken as they are.
        hints = {}
    skipped = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    parameters = inspect.signature(function).parameters.values()
    return {p.name: hints.get(p.name, Any) for p in parameters if p.kind not in skipped and p.name not in FILLED_BY_FRONTEND}
