"""A driver that misbehaves in the way a file names, for the tests that hold the bridge against any driver."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

from pylabrobot.liquid_handling.backends.hamilton.STAR_backend import STARFirmwareError
from pylabrobot.liquid_handling.errors import ChannelizedError
from pylabrobot.resources.errors import NoTipError
from pylabrobot.scales.scale_backend import ScaleBackend

from praxis_bridge.simulators.counting import CountingSTARChatterboxBackend
from praxis_bridge.simulators.pump import PumpSimulatorBackend

BLOCKED_S = 1.0


class Unprintable(Exception):
    def __str__(self) -> str:
        raise SystemExit("even its text raises")


class FaultyBackend(CountingSTARChatterboxBackend):
    """Reads the name of a fault from `plan_file` at every aspirate and pick-up; without one it behaves."""

    def __init__(self, plan_file: str, tape_file: str | None = None) -> None:
        super().__init__(tape_file=tape_file)
        self._plan_file = plan_file

    async def aspirate(self, ops: Any, use_channels: Any, **backend_kwargs: Any) -> None:
        await self._misbehave()
        await super().aspirate(ops, use_channels, **backend_kwargs)

    async def pick_up_tips(self, ops: Any, use_channels: Any, **backend_kwargs: Any) -> None:
        await self._misbehave()
        await super().pick_up_tips(ops, use_channels, **backend_kwargs)

    async def _misbehave(self) -> None:
        plan = Path(self._plan_file).read_text().split()
        if not plan:
            return
        if "send" in plan:
            await self.send_command("C0", "XX")
        if "print-much" in plan:
            for stream in (sys.stdout, sys.stderr):
                stream.write("noise " * (5 * 1024 * 1024 // 6) + "\n")
                stream.flush()
        if "block" in plan:
            # Not the loop's sleep: nothing else gets a turn.
            time.sleep(BLOCKED_S)
        if "print" in plan:
            print('{"jsonrpc":"2.0","id":1,"result":"printed by a driver"}')
        if "exit-in-task" in plan:
            await asyncio.gather(_raise(SystemExit("a task of a driver wants to end the process")))
        fault = FAULTS.get(plan[-1])
        if fault is not None:
            raise fault()


class FaultyScaleBackend(ScaleBackend):
    """Weighs what its plan names."""

    def __init__(self, plan_file: str) -> None:
        super().__init__()
        self._plan_file = plan_file

    async def setup(self) -> None:
        pass

    async def stop(self) -> None:
        pass

    async def tare(self) -> None:
        pass

    async def zero(self) -> None:
        pass

    async def read_weight(self) -> Any:
        return WEIGHTS[Path(self._plan_file).read_text()]()

    get_weight = read_weight


class HomingBackend(CountingSTARChatterboxBackend):
    """Its setup() moves axes; each is a line in a file."""

    def __init__(self, setups_file: str, tape_file: str | None = None) -> None:
        super().__init__(tape_file=tape_file)
        self._setups_file = setups_file

    async def setup(self, **given: Any) -> None:
        with open(self._setups_file, "a") as file:
            file.write("setup\n")
        await super().setup(**given)


class Hostile:
    """Raises whatever is asked of it."""

    def __getattribute__(self, name: str) -> Any:
        if name == "__class__":
            return object.__getattribute__(self, name)
        raise KeyboardInterrupt(name)


class ForgetfulPumpBackend(PumpSimulatorBackend):
    """Calls a coroutine of its own and does not await it."""

    async def halt(self) -> None:
        super().halt()


async def _raise(error: BaseException) -> None:
    raise error


def _make_endless() -> list[Any]:
    inside: list[Any] = []
    inside.append(inside)
    return inside


WEIGHTS: dict[str, Any] = {
    "number": lambda: 1.5,
    "nan": lambda: float("nan"),
    "infinity": lambda: [float("inf"), {"a": float("-inf")}],
    "50 MB": lambda: "x" * 50 * 1024 * 1024,
    "50 MB of bytes": lambda: b"x" * 50 * 1024 * 1024,
    "object": object,
    "hostile": Hostile,
    "endless": _make_endless,
    "surrogate": lambda: "\ud800",
    "generator": lambda: (number for number in range(3)),
}

FAULTS: dict[str, Any] = {
    "system-exit": lambda: SystemExit(1),
    "keyboard-interrupt": KeyboardInterrupt,
    "cancelled": asyncio.CancelledError,
    "timeout": TimeoutError,
    "connection-lost": lambda: ConnectionResetError("the cable fell out"),
    "unknown": lambda: RuntimeError("something else"),
    "any-byte": lambda: RuntimeError("er00\x00id\ud800" + b"\xff".decode(errors="surrogateescape")),
    "unprintable": Unprintable,
    "value-error": lambda: ValueError("minimum height out of range"),
    "firmware": lambda: STARFirmwareError({}, "C0ASid0001er99/00"),
    "channel-1": lambda: ChannelizedError({1: NoTipError("no tip on channel 1")}),
}
