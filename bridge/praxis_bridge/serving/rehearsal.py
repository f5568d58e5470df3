"""A bridge for a rehearsal: simulators alone, on a clock that only the rehearsal moves, from the state that it is given.

It ends when its stdin closes, so it never outlives the rehearsal that started it.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from typing import TYPE_CHECKING

from ..drivers.registry import SIMULATED_BACKENDS, list_simulators
from ..wire.errors import BridgeError
from ..wire.requests import check_spec, read_integer, read_object
from ..wire.shapes import JsonObject

if TYPE_CHECKING:
    from .bridge import Bridge

# Simulators that stand outside this process move what others see, so none of them takes part.
OUTSIDE_MARK = ".device_"
# Where a simulator writes what it did: a record of the lab.
RECORD_ARGUMENTS = ("tape_file",)


class VirtualClock:
    """What simulators take for the time. Whoever sleeps on it moves it on, so that no motion takes any time."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def install(self) -> None:
        """For simulators and drivers; the journal and the event loop have clocks of their own."""
        real_sleep = asyncio.sleep

        async def sleep(delay: float, result: object = None) -> object:
            self.now_s += max(0.0, delay)
            return await real_sleep(0, result)

        time.time = lambda: self.now_s
        asyncio.sleep = sleep  # type: ignore[assignment]  # Its overloads all wait.


def prepare(bridge: Bridge) -> None:
    """Adds the methods of a rehearsal, and ends the process with its stdin."""
    clock = VirtualClock()
    clock.install()

    async def begin(params: JsonObject) -> JsonObject:
        """Builds the workcell and puts it into the state in which it is elsewhere; without one it is fresh."""
        spec = to_simulators(check_spec(read_object(params, "spec")))
        await bridge.methods["workcell.apply"]({"spec": spec})
        if bridge.live.state is not None and params.get("state") is not None:
            bridge.live.state.restore(read_object(params, "state"))
        return {"spec": spec}

    async def set_clock(params: JsonObject) -> JsonObject:
        clock.now_s = read_integer(params, "nowMs", 0) / 1000
        return {}

    bridge.methods["rehearsal.begin"] = begin
    bridge.methods["rehearsal.clock"] = set_clock
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), _end_with_stdin)


def to_simulators(spec: JsonObject) -> JsonObject:
    """The same workcell with a simulator of this process behind every front end."""
    return {**spec, "machines": [_to_simulator(machine) for machine in spec["machines"]]}


def _to_simulator(machine: JsonObject) -> JsonObject:
    if machine["mode"] == "simulation" and _is_inside(machine["backend"]):
        arguments = {name: value for name, value in machine["backendArguments"].items() if name not in RECORD_ARGUMENTS}
        return {**machine, "backendArguments": arguments}
    simulators = [name for name in list_simulators(machine["frontend"]) if _is_inside(name)]
    if not simulators:
        raise BridgeError(
            "BAD_ARGUMENTS", f"{machine['name']}: no simulator stands in for a {machine['frontend']}, so nothing can be rehearsed on it."
        )
    return {**machine, "backend": _choose(simulators, machine["backend"]), "backendArguments": {}, "mode": "simulation"}


def _choose(simulators: list[str], backend: str) -> str:
    """A simulator of the same make (STARBackend: STARChatterboxBackend), else the first."""
    make = backend.removeprefix("Device").removesuffix("Backend")
    return next((name for name in simulators if name.startswith(make)), simulators[0])


def _is_inside(backend: str) -> bool:
    found = SIMULATED_BACKENDS.get(backend)
    if isinstance(found, type):
        # A driver from outside says itself that it speaks to nobody.
        return getattr(found, "STAYS_INSIDE", False) is True
    return found is not None and OUTSIDE_MARK not in found


def _end_with_stdin() -> None:
    if os.read(sys.stdin.fileno(), 1024) == b"":
        os._exit(0)
