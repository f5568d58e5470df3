"""The commands under way: those that wait for their machine or run, and drivers that still run although their command has ended."""

from __future__ import annotations

import asyncio

from ..journal.memory import Snapshots
from ..wire.errors import BridgeError
from ..wire.requests import CommandRequest
from .late_return import LateDrivers
from .running import Running

# A workcell worker has at most 160 commands under way, and what is more waits in Temporal: nobody meets this limit by a wide protocol.
QUEUE_LIMIT_PER_MACHINE = 256


class UnderWay:
    """Owns the list of them."""

    def __init__(self, snapshots: Snapshots, late: LateDrivers) -> None:
        self._snapshots = snapshots
        self._late = late
        self._running: dict[str, Running] = {}

    @property
    def ids(self) -> list[str]:
        return list(self._running)

    def add(self, running: Running) -> None:
        """It leaves the list once its end is told."""
        self._running[running.request.id] = running
        running.ended.add_done_callback(lambda _: self._forget(running))

    def get(self, command_id: str) -> Running | None:
        """Without the drivers whose command has ended."""
        return self._running.get(command_id)

    def find(self, command_id: str) -> Running | None:
        return self._running.get(command_id) or self._late.find(command_id)

    def list_running(self) -> list[Running]:
        """From any thread, as it is at this moment. With the drivers that still run although their command has ended."""
        return [*self._running.values(), *self._late.list_running()]

    def list_executing(self, run_id: str) -> list[str]:
        return [command_id for command_id, running in self._running.items() if running.is_executing and running.request.run_id == run_id]

    def attach(self, request: CommandRequest) -> Running | None:
        """The same command under way. One that was sent before the bridge ended has waited for this."""
        running = self._running.get(request.id)
        if running is not None:
            request.require_same(running.request.payload_hash)
            if running.asked_again is not None and not running.asked_again.is_set():
                running.request = request
                running.asked_again.set()
        return running

    def require_room(self, machine: str) -> None:
        waiting = sum(1 for running in self._running.values() if running.request.machine == machine)
        if waiting > QUEUE_LIMIT_PER_MACHINE:
            raise BridgeError("MACHINE_BUSY", f"{QUEUE_LIMIT_PER_MACHINE} commands wait for {machine} already.")

    def require_idle(self, machine: str | None = None) -> None:
        """A driver that still runs after its command's deadline is not idle either, nor one whose late return is being noted."""
        unsettled = [*self.list_running(), *self._late.list_settling()]
        busy = [running.request.id for running in unsettled if machine in (None, running.request.machine)]
        if busy:
            raise BridgeError("MACHINE_BUSY", f"The command {busy[0]} is running; try again when it has ended.")

    async def wait_until_idle(self, deadline_ms: int) -> bool:
        ends = [running.ended for running in self._running.values()]
        if ends:
            await asyncio.wait(ends, timeout=deadline_ms / 1000)
        return not self._running

    async def give_up(self, command_id: str) -> None:
        """A person has said what the command did: its driver may do nothing more, where it still runs."""
        await self._late.give_up(command_id)

    def _forget(self, running: Running) -> None:
        running.ended.exception()  # Read, so that asyncio does not report an error whose client has gone.
        self._running.pop(running.request.id, None)
        self._snapshots.note_if_due()
