"""Drivers that block the event loop, and a bridge that takes them: `python -m blocking_backend …`."""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import Any

from praxis_bridge.__main__ import main
from praxis_bridge.drivers.registry import SIMULATED_BACKENDS
from praxis_bridge.simulators.counting import CountingSTARChatterboxBackend
from praxis_bridge.simulators.pump import PumpSimulatorBackend

BLOCK_LIMIT_S = 30.0


class BlockingBackend(CountingSTARChatterboxBackend):
    """Picks up tips without letting the loop go on, for as long as the file is there."""

    def __init__(self, block_file: str, tape_file: str | None = None) -> None:
        super().__init__(tape_file=tape_file)
        self._block_file = block_file

    async def pick_up_tips(self, ops: Any, use_channels: Any, **backend_kwargs: Any) -> None:
        deadline = time.monotonic() + BLOCK_LIMIT_S
        while os.path.exists(self._block_file) and time.monotonic() < deadline:
            time.sleep(0.005)
        await super().pick_up_tips(ops, use_channels, **backend_kwargs)


class BlockingPumpBackend(PumpSimulatorBackend):
    """Turns, with the loop blocked, until it is halted; a halt may come from any thread."""

    stop_is_thread_safe = True

    def __init__(self, tape_file: str | None = None) -> None:
        super().__init__(tape_file=tape_file)
        self._halted = threading.Event()

    async def run_revolutions(self, num_revolutions: float) -> None:
        self._halted.wait(BLOCK_LIMIT_S)
        await super().run_revolutions(num_revolutions)

    async def halt(self) -> None:
        await super().halt()
        self._halted.set()


if __name__ == "__main__":
    # The classes are found by the name of this module, not as __main__.
    SIMULATED_BACKENDS["BlockingBackend"] = "blocking_backend"
    SIMULATED_BACKENDS["BlockingPumpBackend"] = "blocking_backend"
    sys.exit(main())
