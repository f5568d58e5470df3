"""Commands that were sent and lost their outcome with the bridge: which may be sent again by themselves.

Those that only read or that set a state are sent again under their own id, once whoever gave them asks for them again, and
after the machine has answered its sensors. All others wait for a person. See drivers/retry_table.py.
"""

from __future__ import annotations

import asyncio
from typing import Any

from ..drivers.retry_table import READ_ONLY, REPEATABLE_METHODS
from ..journal import Entry
from ..plr.workcell import Machine
from ..wire.requests import CommandRequest
from .running import Running

# A command that ends its bridge each time it is sent is no matter of bad luck.
REPEATS_LIMIT = 3
# A worker asks again within a second of the bridge being back. Meanwhile the machine takes nothing else.
ASK_AGAIN_LIMIT_S = 30.0


def find_class(machine: Machine, method: str) -> str | None:
    return REPEATABLE_METHODS.get(machine.spec["frontend"], {}).get(method)


def may_repeat(machine: Machine | None, command: dict[str, Any], entries: list[Entry]) -> bool:
    """A machine that the bridge may not connect by itself is not there yet, so nothing is sent to it again."""
    times_sent = sum(1 for entry in entries if entry.kind == "SENT" and entry.body["step"] == 1)
    return machine is not None and machine.is_ready and find_class(machine, command["method"]) is not None and times_sent <= REPEATS_LIMIT


async def wait_until_asked_again(running: Running) -> bool:
    """False where its stop comes first, or nobody in time."""
    assert running.asked_again is not None
    waits = [asyncio.ensure_future(event.wait()) for event in (running.asked_again, running.stop_asked)]
    try:
        await asyncio.wait(waits, timeout=ASK_AGAIN_LIMIT_S, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
    return running.asked_again.is_set() and not running.stop_asked.is_set()


def is_answered(machine: Machine, method: str, told: dict[str, Any]) -> bool:
    """The status check: the driver answers, where it has any sensor. What only reads needs none.

    One sensor that can't tell is no silence: a thermocycler that heats nothing has no target and raises.
    """
    if find_class(machine, method) == READ_ONLY:
        return True
    answers = told["sensors"].values()
    is_silent = bool(answers) and all(isinstance(answer, dict) and "unanswered" in answer for answer in answers)
    return "notAsked" not in told and not is_silent


def restore_request(command_id: str, entry: Entry) -> CommandRequest:
    """The request as its SENT tells it."""
    return CommandRequest(command_id, entry.body["command"], entry.body.get("calls"), False)
