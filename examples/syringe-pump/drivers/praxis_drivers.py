"""What this folder offers to a bridge that is started with PRAXIS_BRIDGE_DRIVERS=<this folder>."""

from syringe_pump import SimulatedSyringePump, SyringePump

from praxis_bridge.drivers.foreign import Driver

DRIVERS = [
    Driver(
        "SyringePump",
        hardware={"SyringePumpBackend": SyringePump},
        simulators={"SimulatedSyringePumpBackend": SimulatedSyringePump},
        read_only={"read_position"},
        set_state={"select_valve"},
        stop_methods={"aspirate": "halt", "dispense": "halt"},
        probes={"read_position": "positionUl"},
    )
]
