"""The bridge with one more backend in its allow-list: the one that misbehaves."""

import sys

from praxis_bridge.__main__ import main
from praxis_bridge.drivers.registry import SIMULATED_BACKENDS

SIMULATED_BACKENDS["FaultyBackend"] = "faulty_backend"

if __name__ == "__main__":
    sys.exit(main())
