"""The method that ends a running command early, by front end and method; LOOK_NO_MORE where nothing moves.

Generated from the policies in domain/catalogue/ by tools/generate-machines.ts; do not edit.
"""

from __future__ import annotations

LOOK_NO_MORE = ""

STOP_METHODS: dict[str, dict[str, str]] = {
    "ExperimentalSCARA": {
        "approach": "halt",
        "close_gripper": "halt",
        "drop_resource": "halt",
        "home": "halt",
        "move_to": "halt",
        "move_to_safe": "halt",
        "open_gripper": "halt",
        "pick_up_resource": "halt",
    },
    "Fan": {
        "turn_on": "turn_off",
    },
    "HeaterShaker": {
        "shake": "stop_shaking",
        "wait_for_temperature": LOOK_NO_MORE,
    },
    "Incubator": {
        "start_shaking": "stop_shaking",
    },
    "OpentronsTemperatureModuleV2": {
        "wait_for_temperature": LOOK_NO_MORE,
    },
    "OpentronsThermocyclerModuleV1": {
        "run_protocol": "deactivate_block",
        "wait_for_block": LOOK_NO_MORE,
        "wait_for_lid": LOOK_NO_MORE,
        "wait_for_profile_completion": LOOK_NO_MORE,
    },
    "OpentronsThermocyclerModuleV2": {
        "run_protocol": "deactivate_block",
        "wait_for_block": LOOK_NO_MORE,
        "wait_for_lid": LOOK_NO_MORE,
        "wait_for_profile_completion": LOOK_NO_MORE,
    },
    "Pump": {
        "pump_volume": "halt",
        "run_continuously": "halt",
        "run_revolutions": "halt",
    },
    "PumpArray": {
        "pump_volume": "halt",
        "run_continuously": "halt",
        "run_revolutions": "halt",
    },
    "Shaker": {
        "shake": "stop_shaking",
    },
    "TemperatureController": {
        "wait_for_temperature": LOOK_NO_MORE,
    },
    "Thermocycler": {
        "run_protocol": "deactivate_block",
        "wait_for_block": LOOK_NO_MORE,
        "wait_for_lid": LOOK_NO_MORE,
        "wait_for_profile_completion": LOOK_NO_MORE,
    },
}
