"""What a machine says of itself without moving: asked when nobody knows what a command did. Bounded in time; never fails.

A driver whose call is still under way is not asked: on many wires the next reply would be taken for that of the call.
"""

from __future__ import annotations

import asyncio
import inspect
import logging

from ..drivers.exceptions import describe
from ..drivers.liquid_handler import has_own_sensors
from ..plr.codec import encode_value
from ..plr.workcell import Machine
from ..wire.shapes import JsonObject

logger = logging.getLogger("praxis.probing")

PROBE_LIMIT_S = 2.0

# Method of a backend that only reads → what it tells. Those that take arguments or cast light are left out.
PROBES = {
    "request_tip_presence": "tipPresence",
    "get_current_temperature": "temperatureC",
    "get_temperature": "temperatureC",
    "get_block_current_temperature": "blockTemperaturesC",
    "get_block_target_temperature": "blockTargetsC",
    "get_block_status": "blockStatus",
    "get_lid_current_temperature": "lidTemperaturesC",
    "get_lid_target_temperature": "lidTargetsC",
    "get_lid_status": "lidStatus",
    "get_lid_open": "isLidOpen",
    "get_current_cycle_index": "cycleIndex",
    "get_current_step_index": "stepIndex",
    "get_hold_time": "holdTimeS",
    "read_weight": "weightG",
    "get_joint_position": "jointPositions",
    "get_cartesian_position": "cartesianPosition",
    "is_gripper_closed": "isGripperClosed",
    "is_shaking_enabled": "isShaking",
    "is_temperature_control_enabled": "isTemperatureControlled",
}


def list_probes(machine: Machine) -> dict[str, str]:
    """Methods that this machine's driver has, with what they tell."""
    backend = machine.frontend.backend
    probes = {**PROBES, **getattr(machine.frontend, "PROBES", {})}
    is_true = machine.spec["mode"] == "hardware" or has_own_sensors(backend)
    # A simulated tip sensor answers from the trackers, which are what is in doubt.
    return {name: tells for name, tells in probes.items() if hasattr(backend, name) and (is_true or name != "request_tip_presence")}


async def probe_machine(machine: Machine | None) -> JsonObject:
    """`{sensors}` with every answer by what it tells, or `{sensors, notAsked}` with the reason."""
    if machine is None or not machine.is_ready:
        return {"sensors": {}, "notAsked": "the machine is not connected"}
    sensors: JsonObject = {}
    for method, tells in list_probes(machine).items():
        asking = asyncio.ensure_future(_ask(machine.frontend.backend, method))
        await asyncio.wait({asking}, timeout=PROBE_LIMIT_S)
        if not asking.done():
            asking.cancel()
            return {"sensors": sensors, "notAsked": f"{method} gave no answer within {PROBE_LIMIT_S:g} s"}
        told = None if asking.cancelled() else asking.result()
        if told is not None:
            sensors[tells] = told
    return {"sensors": sensors}


def is_silent(told: JsonObject) -> bool:
    """The status check: whether the driver answers, where it has any sensor.

    One sensor that can't tell is no silence: a thermocycler that heats nothing has no target and raises.
    """
    answers = told["sensors"].values()
    return "notAsked" in told or (bool(answers) and all(isinstance(answer, dict) and "unanswered" in answer for answer in answers))


async def _ask(backend: object, method: str) -> object:
    """None where the driver has no such sensor or can't tell."""
    try:
        told = getattr(backend, method)()
        return encode_value(await told if inspect.isawaitable(told) else told)
    except NotImplementedError:
        return None
    except BaseException as error:  # A driver may raise anything; a sensor that says nothing is no failure of its own.
        logger.info("%s told nothing: %s", method, describe(error))
        return {"unanswered": describe(error)}
