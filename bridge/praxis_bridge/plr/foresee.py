"""Runs a front end over a backend that does nothing: its trackers say what the command would make true.

The run takes no turn of the event loop, so nothing else sees a deck that is only thought of. A front end that waits
once its backend has answered has told its trackers all by then; it is left there.
"""

from __future__ import annotations

import logging

from ..drivers.exceptions import describe, find_code
from ..journal.trace import current_trace
from ..wire.errors import BridgeError, CommandError
from ..wire.shapes import CommandIdentity
from .boundary import is_replaying
from .codec import decode_arguments
from .state import Entries, WorkcellState
from .workcell import Machine, Workcell

logger = logging.getLogger("praxis.replaying")


def replay_command(machine: Machine, command: CommandIdentity, workcell: Workcell) -> None:
    """Raises BridgeError or CommandError where the front end refuses; trackers may be changed by then."""
    if not machine.is_ready:
        raise BridgeError("MACHINE_NOT_READY", f"{machine.name} is not connected")
    plan = machine.methods.get(command["method"])
    if plan is None:
        raise BridgeError("UNKNOWN_METHOD", f"{machine.name} has no command {command['method']!r}")
    arguments = decode_arguments(plan.hints, plan.required, command["arguments"], workcell.find)
    trace_token, replay_token = current_trace.set(None), is_replaying.set(True)
    run = plan.call(**arguments)
    try:
        run.send(None)
        run.close()
    except StopIteration:
        pass  # It ran through without waiting for anything.
    except BaseException as error:  # A front end may raise anything; of a thought it is only a refusal.
        raise CommandError(find_code(error), describe(error)) from error
    finally:
        is_replaying.reset(replay_token)
        current_trace.reset(trace_token)


def foresee(machine: Machine, command: CommandIdentity, workcell: Workcell, state: WorkcellState) -> Entries:
    """Entries as they would be if the command were done. Nothing has changed afterwards. Raises where it can't be done."""
    before = state.read_delta(machine.name)
    try:
        replay_command(machine, command, workcell)
        return _list_changes(before, state.read_delta(machine.name))
    finally:
        touched = _list_changes(before, state.read_delta(machine.name))
        state.roll_back(machine.name)
        state.put_back({name: before.get(name, state.entries.get(name)) for name in touched})


def _list_changes(before: Entries, after: Entries) -> Entries:
    return {name: entry for name, entry in after.items() if before.get(name) != entry}
