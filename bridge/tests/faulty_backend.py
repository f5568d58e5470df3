"""A driver that misbehaves in the way a file names, for the tests that hold the bridge against any driver."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from praxis_bridge.simulators.counting import CountingSTARChatterboxBackend
from praxis_bridge.simulators.pump import PumpSimulatorBackend
from pylabrobot.liquid_handling.backends.hamilton.STAR_backend import STARFirmwareError
from pylabrobot.liquid_handling.errors import ChannelizedError
from pylabrobot.resources.errors import NoTipError


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
        if "print" in plan:
            print('{"jsonrpc":"2.0","id":1,"result":"printed by a driver"}')
        if "exit-in-task" in plan:
            await asyncio.gather(_raise(SystemExit("a task of a driver wants to end the process")))
        fault = FAULTS.get(plan[-1])
        if fault is not None:
            raise fault()


class ForgetfulPumpBackend(PumpSimulatorBackend):
    """Calls a coroutine of its own and does not await it."""

    async def halt(self) -> None:
        super().halt()


async def _raise(error: BaseException) -> None:
    raise error


FAULTS: dict[str, Any] = {
    "system-exit": lambda: SystemExit(1),
    "keyboard-interrupt": KeyboardInterrupt,
    "cancelled": asyncio.CancelledError,
    "timeout": TimeoutError,
    "connection-lost": lambda: ConnectionResetError("the cable fell out"),
    "unknown": lambda: RuntimeError("something else"),
    "unprintable": Unprintable,
    "value-error": lambda: ValueError("minimum height out of range"),
    "firmware": lambda: STARFirmwareError({}, "C0ASid0001er99/00"),
    "channel-1": lambda: ChannelizedError({1: NoTipError("no tip on channel 1")}),
}
