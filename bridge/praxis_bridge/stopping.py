"""Stops a command: the stop method of its machine is called beside it; one that waits is ended before it begins."""

from __future__ import annotations

import asyncio
import logging
from typing import Callable

from .blocks import BlockRunner
from .commands import CommandRunner, Running
from .errors import BridgeError, describe
from .stop_methods import find_stop_method
from .workcell import Machine

logger = logging.getLogger("praxis.stopping")

# The caller is answered after this; the call itself goes on, and the command ends as its driver ends it.
STOP_ANSWER_LIMIT_S = 5.0


class Stopper:
    """Joins the commands and blocks under way with the machines that can stop them."""

    def __init__(self, commands: CommandRunner, blocks: BlockRunner, find_machine: Callable[[str], Machine | None]) -> None:
        self._commands = commands
        self._blocks = blocks
        self._find_machine = find_machine

    async def stop(self, command_id: str) -> bool:
        """False where nothing can be stopped: the command ends by itself, or has ended, or was never seen."""
        of_blocks = self._blocks.ask_to_stop(command_id)
        is_stopping = bool(of_blocks)
        for each in dict.fromkeys([command_id, *of_blocks]):
            running = self._commands.find_running(each)
            if running is not None:
                is_stopping = await self._stop_running(running) or is_stopping
        return is_stopping

    async def _stop_running(self, running: Running) -> bool:
        if not running.is_executing:
            running.stop_asked.set()
            return True
        machine = self._find_machine(running.request.machine)
        call = None if machine is None else find_stop_method(machine.spec, machine.frontend, running.request.method)
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


def _log_failure(stopping: "asyncio.Future[object]") -> None:
    if not stopping.cancelled() and stopping.exception() is not None:
        logger.error("a stop failed: %s", describe(stopping.exception() or RuntimeError()))
