"""How a running command is ended early: the method of its backend that stops the motion, by front end and method.

Cancelling a task of asyncio never stops an instrument, so a command without an entry here ends by itself.
Methods that only look until something is reached need no stop method: they look no more.
"""

from __future__ import annotations

from typing import Any, Awaitable, Callable

# In place of a method's name: nothing moves, so nothing is called.
LOOK_NO_MORE = ""

_SHAKING = {"shake": "stop_shaking"}
_WARMING = {"wait_for_temperature": LOOK_NO_MORE}
_PUMPING = {name: "halt" for name in ("run_revolutions", "run_continuously", "run_for_duration", "pump_volume")}

STOP_METHODS: dict[str, dict[str, str]] = {
    "Shaker": _SHAKING,
    "TemperatureController": _WARMING,
    "HeaterShaker": {**_SHAKING, **_WARMING},
    "Thermocycler": {
        "run_protocol": "deactivate_block",
        "run_pcr_profile": "deactivate_block",
        "wait_for_block": LOOK_NO_MORE,
        "wait_for_lid": LOOK_NO_MORE,
        "wait_for_profile_completion": LOOK_NO_MORE,
    },
    "Pump": _PUMPING,
    "PumpArray": _PUMPING,
    "Fan": {"turn_on": "turn_off"},
    "ExperimentalSCARA": {
        name: "halt"
        for name in ("move_to", "approach", "pick_up_resource", "drop_resource", "home", "move_to_safe", "open_gripper", "close_gripper")
    },
    "Incubator": {"start_shaking": "stop_shaking"},
}


def find_stop_method(machine_spec: dict[str, Any], frontend: Any, method: str) -> Callable[[], Awaitable[Any]] | None:
    """The call that ends a running command; None where there is none."""
    name = STOP_METHODS.get(machine_spec["frontend"], {}).get(method)
    if name is None:
        return None
    if name == LOOK_NO_MORE:
        return _do_nothing
    return getattr(getattr(frontend, "backend", None), name, None)


async def _do_nothing() -> None:
    return None
