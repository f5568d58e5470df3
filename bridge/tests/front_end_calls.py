"""One workcell with every front end of PyLabRobot, and for each of its methods a call with arguments that make sense.

`steps` is how often the call reaches the backend boundary: SENT rows of the journal. 0 stands for a command that only asks.
A vendor's front end is called as the general one that it refines.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bridge_process import at_item, read_demo_workcell

CORNER = {"x": 0, "y": 0, "z": 0}
ARM_PLACE = {"location": {"x": 100, "y": 200, "z": 50}, "rotation": {"x": 0, "y": 90, "z": 180}}
PROTOCOL = {"stages": [{"steps": [{"temperature": [95], "hold_seconds": 10}, {"temperature": [60], "hold_seconds": 10}], "repeats": 2}]}
ROW = [at_item("tips_1", "A1"), at_item("tips_1", "B1")]
WELLS = [at_item("plate_1", "A1"), at_item("plate_1", "B1")]


@dataclass(frozen=True)
class Call:
    method: str
    arguments: dict[str, Any] = field(default_factory=dict)
    steps: int = 1
    # The machine that gets the call where it is not the one under test: it prepares the next one.
    machine: str | None = None


def place(name: str, site: int) -> dict[str, Any]:
    return {"$site": [name, site]}


LIQUID_HANDLER = [
    Call("pick_up_tips", {"tip_spots": ROW}),
    Call("aspirate", {"resources": WELLS, "vols": [10, 20], "mix": [{"volume": 5, "repetitions": 1, "flow_rate": 50}] * 2}),
    Call("dispense", {"resources": WELLS, "vols": [10, 20], "offsets": [CORNER, CORNER]}),
    Call("return_tips"),
    Call("pick_up_tips", {"tip_spots": ROW, "use_channels": [2, 3]}),
    Call("drop_tips", {"tip_spots": ROW, "use_channels": [2, 3]}),
    Call("pick_up_tips", {"tip_spots": ROW}),
    Call("discard_tips"),
    Call("pick_up_tips96", {"tip_rack": {"$ref": "tips_2"}}),
    Call("aspirate96", {"resource": {"$ref": "plate_2"}, "volume": 10}),
    Call("dispense96", {"resource": {"$ref": "plate_2"}, "volume": 10, "offset": CORNER}),
    Call("return_tips96"),
    Call("pick_up_tips96", {"tip_rack": {"$ref": "tips_2"}}),
    Call("drop_tips96", {"resource": {"$ref": "tips_2"}}),
    Call("pick_up_tips96", {"tip_rack": {"$ref": "tips_2"}}),
    Call("discard_tips96"),
    Call("pick_up_resource", {"resource": {"$ref": "plate_1"}, "direction": "FRONT"}),
    Call("move_picked_up_resource", {"to": {"x": 300, "y": 200, "z": 200}}),
    Call("drop_resource", {"destination": place("plate_carrier", 3)}),
    Call("prepare_for_manual_channel_operation", {"channel": 0}),
    Call("move_channel_x", {"channel": 0, "x": 200}),
    Call("move_channel_y", {"channel": 0, "y": 400}),
    Call("move_channel_z", {"channel": 0, "z": 200}),
]
PLATE_READER = [
    Call("open"),
    Call("close"),
    Call("read_absorbance", {"wavelength": 600}),
    Call("read_luminescence", {"focal_height": 7.5}),
    Call("read_fluorescence", {"excitation_wavelength": 485, "emission_wavelength": 528, "focal_height": 7.5}),
]
VIEW = {"well": [0, 1], "mode": "BRIGHTFIELD", "objective": "O_4X_PL_FL", "exposure_time": 10, "focal_height": 3, "gain": 1}
IMAGER = [Call("capture", VIEW)]
SHAKER = [
    Call("lock_plate"),
    Call("shake", {"speed": 500}, steps=2),
    Call("stop_shaking"),
    Call("unlock_plate"),
]
TEMPERATURE = [
    Call("set_temperature", {"temperature": 37}),
    Call("get_temperature", steps=0),
    Call("wait_for_temperature", {"timeout": 5}, steps=0),
    Call("deactivate"),
]
THERMOCYCLER = [
    Call("open_lid"),
    Call("close_lid"),
    Call("set_block_temperature", {"temperature": [30]}),
    Call("set_lid_temperature", {"temperature": [105]}),
    Call("wait_for_block", {"timeout": 5}, steps=0),
    Call("wait_for_lid", {"timeout": 5}, steps=0),
    Call("run_protocol", {"protocol": PROTOCOL, "block_max_volume": 50}),
    Call("is_profile_running", steps=0),
    Call("wait_for_profile_completion", {"poll_interval": 0.05}, steps=0),
    *[
        Call(f"get_{asked}", steps=0)
        for asked in (
            "block_current_temperature block_target_temperature block_status lid_current_temperature lid_target_temperature lid_open "
            "lid_status hold_time current_cycle_index total_cycle_count current_step_index total_step_count"
        ).split()
    ],
    Call("deactivate_block"),
    Call("deactivate_lid"),
]
CENTRIFUGE = [
    Call("unlock_door"),
    Call("open_door"),
    Call("unlock_bucket"),
    Call("go_to_bucket2"),
    Call("lock_bucket"),
    Call("close_door"),
    Call("lock_door"),
    Call("spin", {"g": 500, "duration": 60, "acceleration": 0.8}),
    Call("unlock_door"),
    Call("go_to_bucket1"),
]
LOADER = [
    Call("open_door", machine="centrifuge"),
    Call("go_to_bucket2", machine="centrifuge"),
    Call("load"),
    Call("unload"),
]
INCUBATOR = [
    Call("fetch_plate_to_loading_tray", {"plate_name": "plate_in_incubator"}),
    Call("take_in_plate", {"site": "smallest"}),
    Call("fetch_plate_to_loading_tray", {"plate_name": "plate_in_incubator"}),
    Call("take_in_plate", {"site": place("incubator", 5)}),
    Call("open_door"),
    Call("close_door"),
    Call("set_temperature", {"temperature": 37}),
    Call("get_temperature", steps=0),
    Call("start_shaking", {"frequency": 5}),
    Call("stop_shaking"),
]
# Two units, one after the other.
INCUBATOR_STACK = [
    Call("open_all", steps=2),
    Call("request_loading_tray_states", steps=0),
    Call("close_all", steps=2),
    Call("start_all_temperature_control", {"target_temperature": 37}, steps=2),
    Call("request_temperature_control_states", steps=0),
    Call("get_all_temperatures", steps=0),
    Call("stop_all_temperature_control", steps=2),
    Call("shake", {"rpm": 500}, steps=2),
    Call("request_shaking_states", steps=0),
    Call("stop_all_shaking", steps=2),
]
ARM = [
    Call("home"),
    Call("move_to", {"position": ARM_PLACE}),
    Call("move_to", {"position": {"1": 100.5, "2": -30}}),
    Call("approach", {"position": ARM_PLACE, "access": {"approach_height_mm": 50}}),
    Call("pick_up_resource", {"position": ARM_PLACE, "plate_width": 124, "access": {"lift_height_mm": 20}}),
    Call("is_gripper_closed", steps=0),
    Call("drop_resource", {"position": ARM_PLACE}),
    Call("open_gripper", {"gripper_width": 130}),
    Call("close_gripper", {"gripper_width": 80}),
    Call("get_joint_position", steps=0),
    Call("get_cartesian_position", steps=0),
    Call("move_to_safe"),
    Call("freedrive_mode", {"free_axes": [1, 2]}),
    Call("end_freedrive_mode"),
    Call("halt"),
]
CALLS: dict[str, list[Call]] = {
    "LiquidHandler": LIQUID_HANDLER,
    "PlateReader": PLATE_READER,
    "ByonoyAbsorbance96Automate": PLATE_READER,
    "ByonoyLuminescence96Automate": PLATE_READER,
    "Imager": IMAGER,
    "ImageReader": [*PLATE_READER, *IMAGER],
    "HeaterShaker": [*SHAKER, *TEMPERATURE],
    "Shaker": SHAKER,
    "TemperatureController": TEMPERATURE,
    "OpentronsTemperatureModuleV2": TEMPERATURE,
    "Thermocycler": THERMOCYCLER,
    "OpentronsThermocyclerModuleV1": THERMOCYCLER,
    "OpentronsThermocyclerModuleV2": THERMOCYCLER,
    "Centrifuge": CENTRIFUGE,
    "Loader": LOADER,
    "Incubator": INCUBATOR,
    "IncubatorShakerStack": INCUBATOR_STACK,
    "Scale": [Call("zero"), Call("tare"), Call("read_weight", steps=0), Call("get_weight", steps=0)],
    "Tilter": [Call("set_angle", {"absolute_angle": 5}), Call("tilt", {"relative_angle": 2})],
    "HamiltonTiltModule": [Call("set_angle", {"absolute_angle": 5}), Call("tilt", {"relative_angle": 2})],
    "PowderDispenser": [Call("dispense", {"resources": at_item("plate_2", "A1"), "powders": {"name": "salt"}, "amounts": 0.005})],
    "Fan": [Call("turn_on", {"intensity": 50}), Call("turn_on", {"intensity": 50, "duration": 0.01}, steps=2), Call("turn_off")],
    "Sealer": [
        Call("open"),
        Call("close"),
        Call("set_temperature", {"temperature": 160}),
        Call("get_temperature", steps=0),
        Call("seal", {"temperature": 170, "duration": 1.5}),
    ],
    "Peeler": [Call("peel"), Call("restart")],
    "BarcodeScanner": [Call("scan", steps=0)],
    "ExperimentalSCARA": ARM,
    "Pump": [
        Call("run_revolutions", {"num_revolutions": 2.5}),
        Call("run_continuously", {"speed": 3}),
        Call("halt"),
        Call("pump_volume", {"speed": 3, "volume": 5}),
    ],
    "PumpArray": [
        Call("run_revolutions", {"num_revolutions": 2.5, "use_channels": [0, 1]}),
        Call("run_continuously", {"speed": [3, 4], "use_channels": [0, 1]}),
        Call("halt"),
        # The calibration is volume per second, so it runs and is halted.
        Call("pump_volume", {"speed": 3, "use_channels": 0, "volume": 0.05}, steps=2),
    ],
}
FRONTEND_ARGUMENTS: dict[str, dict[str, Any]] = {
    "ByonoyLuminescence96Automate": {"size_x": 139.7, "size_y": 97.5, "size_z": 35},
    "Incubator": {"racks": [{"type": "cytomat_rack_23mm_21"}, {"type": "cytomat_rack_50mm_10"}]},
    "Pump": {"calibration": {"calibration": [2], "calibration_mode": "revolutions"}},
    "PumpArray": {"calibration": {"calibration": [1, 1, 1, 1, 1, 1, 1, 1], "calibration_mode": "duration"}},
}
BACKEND_ARGUMENTS: dict[str, dict[str, Any]] = {
    "ThermocyclerSimulatorBackend": {"seconds_per_second": 200},
}
READERS = ("PlateReader", "ByonoyAbsorbance96Automate", "ByonoyLuminescence96Automate", "Imager", "ImageReader")
HOLDS_A_PLATE = (*READERS, "Loader", "Incubator")


def name_machine(frontend: str) -> str:
    """`star` for the liquid handler; `loader`, `plate_reader`, … for the others."""
    words = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in frontend)
    return "star" if frontend == "LiquidHandler" else words.strip("_")


def make_workcell(simulators: dict[str, str]) -> dict[str, Any]:
    """The small workcell with one machine of every front end beside the liquid handler, and plates in those that read them."""
    spec = read_demo_workcell()
    plate_type = spec["labware"][2]["type"]
    spec["labware"][3]["fresh"] = {"wellsUl": {f"{row}{column}": 100 for row in "ABCDEFGH" for column in range(1, 13)}}
    spec["machines"] = [_make_machine(frontend, backend) for frontend, backend in simulators.items()]
    for frontend in HOLDS_A_PLATE:
        machine = name_machine(frontend)
        location = {"machine": machine}
        fresh: dict[str, Any] = {}
        plate = {"name": f"plate_in_{machine}", "type": plate_type, "category": "plate", "location": location, "fresh": fresh}
        spec["labware"].append({**plate, "autoReplace": True})
    return spec


def _make_machine(frontend: str, backend: str) -> dict[str, Any]:
    arguments = {"backendArguments": BACKEND_ARGUMENTS.get(backend, {}), "frontendArguments": FRONTEND_ARGUMENTS.get(frontend, {})}
    return {"name": name_machine(frontend), "frontend": frontend, "backend": backend, "mode": "simulation", **arguments}
