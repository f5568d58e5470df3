"""The bridge with more backends in its allow-list: those that misbehave."""

import sys

from praxis_bridge.__main__ import main
from praxis_bridge.drivers.registry import SIMULATED_BACKENDS

SIMULATED_BACKENDS["FaultyBackend"] = "faulty_backend"
SIMULATED_BACKENDS["ForgetfulPumpBackend"] = "faulty_backend"

if __name__ == "__main__":
    sys.exit(main())
