"""The bridge with more backends in its allow-list: those that misbehave."""

import sys

from praxis_bridge.__main__ import main
from praxis_bridge.drivers.hardware_backends import HARDWARE_BACKENDS
from praxis_bridge.drivers.registry import SIMULATED_BACKENDS

SIMULATED_BACKENDS["FaultyBackend"] = "faulty_backend"
# Stands for a real instrument, which the bridge never connects by itself.
HARDWARE_BACKENDS["CountingSTARChatterboxBackend"] = "praxis_bridge.simulators.counting"
HARDWARE_BACKENDS["HomingBackend"] = "faulty_backend"
SIMULATED_BACKENDS["FaultyScaleBackend"] = "faulty_backend"
SIMULATED_BACKENDS["ForgetfulPumpBackend"] = "faulty_backend"

if __name__ == "__main__":
    sys.exit(main())
