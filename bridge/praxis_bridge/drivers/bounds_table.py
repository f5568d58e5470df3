"""Between which values the numbers of commands may lie, by the path of a number, and by front end and method where one has others.

Generated from domain/catalogue/argument-bounds.ts and the policies beside it by tools/generate-machines.ts; do not edit.
"""

from __future__ import annotations

from typing import NamedTuple


class Bounds(NamedTuple):
    min: float
    max: float
    # The least value itself is refused.
    is_above_min: bool = False


ARGUMENT_BOUNDS: dict[str, Bounds] = {
    "absolute_angle": Bounds(-90, 90),
    "access": Bounds(-500, 500),
    "amounts": Bounds(0, 1000000, True),
    "block_max_volume": Bounds(0, 500, True),
    "blow_out_air_volume": Bounds(0, 5000),
    "channel": Bounds(0, 95),
    "destination": Bounds(-5000, 5000),
    "duration": Bounds(0, 604800),
    "emission_wavelength": Bounds(180, 1200),
    "excitation_wavelength": Bounds(180, 1200),
    "exposure_time": Bounds(0, 600000, True),
    "flow_rate": Bounds(0, 5000, True),
    "flow_rates": Bounds(0, 5000, True),
    "focal_height": Bounds(0, 50),
    "free_axes": Bounds(0, 20),
    "frequency": Bounds(0, 50, True),
    "g": Bounds(0, 30000, True),
    "gain": Bounds(0, 10000),
    "gripper_width": Bounds(0, 300),
    "intensity": Bounds(0, 100),
    "liquid_height": Bounds(0, 300),
    "mix.flow_rate": Bounds(0, 5000, True),
    "mix.repetitions": Bounds(0, 200),
    "mix.surface_following_distance": Bounds(0, 300),
    "mix.volume": Bounds(0, 5000),
    "num_revolutions": Bounds(0, 1000000),
    "offset.x": Bounds(-100, 100),
    "offset.y": Bounds(-100, 100),
    "offset.z": Bounds(-20, 150),
    "offsets.x": Bounds(-100, 100),
    "offsets.y": Bounds(-100, 100),
    "offsets.z": Bounds(-20, 150),
    "pickup_distance_from_top": Bounds(0, 200),
    "plate_width": Bounds(0, 300),
    "poll_interval": Bounds(0, 3600, True),
    "position": Bounds(-5000, 5000),
    "protocol.stages.repeats": Bounds(1, 10000),
    "protocol.stages.steps.hold_seconds": Bounds(0, 604800),
    "protocol.stages.steps.rate": Bounds(0, 50, True),
    "protocol.stages.steps.temperature": Bounds(-10, 120),
    "relative_angle": Bounds(-180, 180),
    "speed": Bounds(0, 100000),
    "target_temperature": Bounds(-30, 130),
    "temperature": Bounds(-30, 130),
    "timeout": Bounds(0, 604800),
    "to": Bounds(-5000, 5000),
    "tolerance": Bounds(0, 50),
    "use_channels": Bounds(0, 95),
    "vols": Bounds(0, 5000),
    "volume": Bounds(0, 5000),
    "wavelength": Bounds(180, 1200),
    "well": Bounds(0, 47),
    "x": Bounds(-5000, 5000),
    "y": Bounds(-5000, 5000),
    "z": Bounds(0, 300),
}

METHOD_BOUNDS: dict[str, dict[str, dict[str, Bounds]]] = {
    "HeaterShaker": {
        "shake": {"speed": Bounds(0, 5000, True)},
    },
    "ImageReader": {
        "capture": {"focal_height": Bounds(-50, 50)},
    },
    "Imager": {
        "capture": {"focal_height": Bounds(-50, 50)},
    },
    "Incubator": {
        "set_temperature": {"temperature": Bounds(-90, 100)},
    },
    "OpentronsThermocyclerModuleV1": {
        "set_block_temperature": {"temperature": Bounds(-10, 120)},
        "set_lid_temperature": {"temperature": Bounds(0, 130)},
    },
    "OpentronsThermocyclerModuleV2": {
        "set_block_temperature": {"temperature": Bounds(-10, 120)},
        "set_lid_temperature": {"temperature": Bounds(0, 130)},
    },
    "Pump": {
        "pump_volume": {"volume": Bounds(0, 1000000000)},
    },
    "PumpArray": {
        "pump_volume": {"volume": Bounds(0, 1000000000)},
    },
    "Sealer": {
        "seal": {"temperature": Bounds(0, 250), "duration": Bounds(0, 120)},
        "set_temperature": {"temperature": Bounds(0, 250)},
    },
    "Shaker": {
        "shake": {"speed": Bounds(0, 5000, True)},
    },
    "Thermocycler": {
        "set_block_temperature": {"temperature": Bounds(-10, 120)},
        "set_lid_temperature": {"temperature": Bounds(0, 130)},
    },
}
