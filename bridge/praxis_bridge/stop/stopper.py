"""Stops a command: the stop method of its machine is called beside it; one that waits is ended before it begins."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine

from ..commands.blocks import BlockRunner
from ..commands.running import Running
from ..commands.under_way import UnderWay
from ..drivers.exceptions import describe
from ..drivers.stop_table import LOOK_NO_MORE, STOP_METHODS
from ..journal import Entry, Journal, read_clock_ms
from ..plr.live import LiveWorkcell
from ..wire.errors import BridgeError
from ..wire.shapes import JsonObject
from .methods import find_stop_method

logger = logging.getLogger("praxis.stopping")

# The caller is answered after this; the call itself goes on, and the command ends as its driver ends it.
STOP_ANSWER_LIMIT_S = 5.0
# After this a driver is taken to block the loop; those that say that their stop is thread-safe are then stopped beside it.
LOOP_GRACE_S = 0.05
THREAD_SAFE_MARK = "stop_is_thread_safe"


class Stopper:
    """Joins the commands and blocks under way with the machines that can stop them."""

    def __init__(self, journal: Journal, under_way: UnderWay, blocks: BlockRunner, live: LiveWorkcell) -> None:
        self._journal = journal
        self._under_way = under_way
        self._blocks = blocks
        self._live = live

    async def stop(self, command_id: str) -> bool:
        """False where nothing can be stopped: the command ends by itself, or has ended, or was never seen."""
        of_blocks = self._blocks.ask_to_stop(command_id)
        is_stopping = bool(of_blocks)
        for each in dict.fromkeys([command_id, *of_blocks]):
            running = self._under_way.find(each)
            if running is not None:
                is_stopping = await self._stop_running(running) or is_stopping
        return is_stopping

    async def abort(self, machine: str, by: str, note: str) -> JsonObject:
        """A person ends what runs on one machine; the command ends as stopped, and the journal says who wanted it."""
        ids = [each.request.id for each in self._under_way.list_running() if each.has_machine and each.request.machine == machine]
        if ids:
            body = {"machine": machine, "by": by, "note": note, "commands": ids}
            self._journal.append([Entry("ABORT", None, body, read_clock_ms())])
        return {"commands": ids, "isStopping": any([await self.stop(each) for each in ids])}

    def list_moving(self) -> list[JsonObject]:
        """From any thread: what a stop of everything finds under way. Without a stop method it ends by itself."""
        return [
            {
                "id": each.request.id,
                "machine": each.request.machine,
                "method": each.request.method,
                "canStop": self._find_stop(each) is not None,
            }
            for each in self._under_way.list_running()
            if each.is_executing
        ]

    def stop_everything(self, loop: asyncio.AbstractEventLoop) -> None:
        """From any thread: on the loop as soon as it can, and where it can't, beside it."""
        taken = threading.Event()

        def take() -> None:
            taken.set()
            for running in self._list_stoppable():
                stopping = asyncio.ensure_future(self._stop_running(running))
                stopping.add_done_callback(_log_failure)

        loop.call_soon_threadsafe(take)
        beside = [running for running in self._list_stoppable() if self._is_thread_safe(running)]
        if beside:
            threading.Thread(target=self._stop_beside, args=(taken, beside), name="stop-beside", daemon=True).start()

    def _list_stoppable(self) -> list[Running]:
        """A wait that only looks moves nothing and may go on."""
        return [
            each
            for each in self._under_way.list_running()
            if each.is_executing and not self._only_looks(each) and self._find_stop(each) is not None
        ]

    def _stop_beside(self, taken: threading.Event, runnings: list[Running]) -> None:
        if taken.wait(LOOP_GRACE_S):
            return
        for running in runnings:
            call = self._find_stop(running)
            if call is None or running.was_stopped:
                continue
            running.was_stopped = running.trace.is_stopping = True
            try:
                asyncio.run(call())
            except Exception:  # The others still want to be stopped.
                logger.exception("the stop of %s beside a blocked loop failed", running.request.id)

    def _find_stop(self, running: Running) -> Callable[[], Coroutine[object, None, None]] | None:
        machine = self._live.find_machine(running.request.machine)
        return None if machine is None else find_stop_method(machine.spec, machine.frontend, running.request.method)

    def _only_looks(self, running: Running) -> bool:
        machine = self._live.find_machine(running.request.machine)
        return machine is not None and STOP_METHODS.get(machine.spec["frontend"], {}).get(running.request.method) == LOOK_NO_MORE

    def _is_thread_safe(self, running: Running) -> bool:
        machine = self._live.find_machine(running.request.machine)
        return machine is not None and getattr(getattr(machine.frontend, "backend", None), THREAD_SAFE_MARK, False) is True

    async def _stop_running(self, running: Running) -> bool:
        if not running.is_executing:
            running.stop_asked.set()
            return True
        call = self._find_stop(running)
        if call is None:
            return False
        if running.was_stopped:
            return True
        # Before the call, because the command may return or raise while the call is under way.
        running.was_stopped = running.trace.is_stopping = True
        stopping = asyncio.ensure_future(call())
        await asyncio.wait({stopping}, timeout=STOP_ANSWER_LIMIT_S)
        if not stopping.done():
            logger.warning("the stop of %s takes longer than %s s", running.request.id, STOP_ANSWER_LIMIT_S)
            stopping.add_done_callback(_log_failure)
        elif stopping.cancelled() or stopping.exception() is not None:
            running.was_stopped = running.trace.is_stopping = False
            why = "it was cancelled" if stopping.cancelled() else describe(stopping.exception() or RuntimeError())
            raise BridgeError("MACHINE_ERROR", f"{running.request.id} could not be stopped: {why}")
        _wake_front_end(running)
        return True


def _wake_front_end(running: Running) -> None:
    """Ends the sleep of a front end that has nothing more to do. Never while a driver is called: that stops no instrument."""
    if running.trace.open_calls == 0 and running.task is not None and not running.task.done():
        running.task.cancel()


def _log_failure(stopping: asyncio.Future[bool] | asyncio.Future[None]) -> None:
    if not stopping.cancelled() and stopping.exception() is not None:
        logger.error("a stop failed: %s", describe(stopping.exception() or RuntimeError()))
