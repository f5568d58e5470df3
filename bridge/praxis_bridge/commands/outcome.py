"""The end of a command: its outcome with the state it leaves, on disk before anybody is told.

What is in doubt is weighed here: facts for the person who will be asked, and intervals for the volumes it may have changed.
"""

from __future__ import annotations

import logging
from typing import Any

from .. import fault_points
from ..admission.admission import Admission
from ..doubt.prediction import Shadow
from ..doubt.weigh import Deck, Doubt, Sent, weigh_doubt
from ..journal import Entry, Journal
from ..plr.state import WorkcellState
from ..plr.workcell import Machine, Workcell
from ..wire.errors import BridgeError, Failure, describe, to_refusal
from ..wire.requests import CommandRequest
from .outcome_json import count_steps, make_lost_outcome, make_outcome, make_uncertain_outcome
from .running import Ending, Running

logger = logging.getLogger("praxis.ends")


class Ends:
    """Writes END rows and settles those who wait for them."""

    def __init__(self, journal: Journal, admission: Admission) -> None:
        self._journal = journal
        self._admission = admission
        self._workcell: Workcell | None = None
        self._state: WorkcellState | None = None

    def use_workcell(self, workcell: Workcell, state: WorkcellState) -> None:
        self._workcell, self._state = workcell, state

    def end(self, running: Running, ending: Ending, told: dict[str, Any]) -> dict[str, Any]:
        """`told` is what the machine's sensors said, where its outcome is in doubt."""
        trace, failure = running.trace, ending.failure
        body: dict[str, Any] = {"outcome": None, "delta": {}}
        # A driver that still runs was not stopped, whatever its stop method said.
        was_stopped = running.was_stopped and not trace.is_late
        try:
            if self._state is not None and running.is_executing:
                if failure is None:
                    self._state.settle(running.request.machine)
                else:
                    self._state.roll_back(running.request.machine)
                if failure is not None and failure.status == "uncertain" and not was_stopped:
                    body["before"] = self._state.read_taken_before(running.request.machine)
                    facts, body["rangesBefore"] = self._weigh(Doubt(running.request.identity, _read_sent(running), told))
                    failure = failure.with_details(facts)
                body["delta"] = self._state.read_delta(running.request.machine)
        except BaseException as error:  # Without its state the machine can't be trusted with the next command.
            logger.exception("the state after %s can't be read", running.request.id)
            failure = Failure("uncertain", {"code": "UNCERTAIN", "message": f"The state can't be read: {describe(error)}"})
        outcome = make_outcome(trace, failure, ending.result, was_stopped)
        identity = running.request.body() if trace.began_at_ms is None else {}
        self._write(running, {**body, "outcome": outcome, **identity})
        return outcome

    def close_as_uncertain(
        self, command_id: str, entries: list[Entry], told: dict[str, Any] | None = None, shadow: Shadow | None = None
    ) -> dict[str, Any]:
        """Of a command that was sent and has no end; its machine may be there as a shadow alone."""
        outcome = make_uncertain_outcome(entries)
        sent = [entry for entry in entries if entry.kind == "SENT"]
        command = sent[0].body["command"]
        steps = Sent(*count_steps(entries), None, sent[-1].body.get("method"), "gone")
        outcome["error"]["details"], ranges_before = self._weigh(Doubt(command, steps, told or {}), shadow)
        delta = (
            {} if self._state is None else self._state.read_delta(command["machine"] if self._find_machine(command["machine"]) else None)
        )
        body = {"outcome": outcome, "delta": delta, "rangesBefore": ranges_before}
        self._journal.append([Entry("END", command_id, body, outcome["endedAtMs"])])
        if self._state is not None:
            self._state.accept(delta)
        return outcome

    def close_unheard_of(self, request: CommandRequest) -> Entry:
        """The end of a command that may have been sent under a journal that was lost, for its caller to write."""
        outcome = make_lost_outcome()
        outcome["error"]["details"], ranges_before = self._weigh(Doubt(request.identity, Sent(0, 0, None, None, "gone")))
        body = {"outcome": outcome, "delta": {}, "rangesBefore": ranges_before, **request.body()}
        return Entry("END", request.id, body, outcome["endedAtMs"])

    def finish(self, running: Running, outcome: dict[str, Any]) -> None:
        fault_points.at("after-end")
        if not running.ended.done():
            running.ended.set_result(outcome)

    def _weigh(self, doubt: Doubt, shadow: Shadow | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
        return weigh_doubt(doubt, Deck(self._find_machine(doubt.command["machine"]), self._workcell, self._state, shadow))

    def _write(self, running: Running, body: dict[str, Any]) -> None:
        entry = Entry("END", running.request.id, body, body["outcome"]["endedAtMs"])
        known = {} if self._state is None else self._state.entries
        before = {name: known[name] for name in body["delta"] if name in known}
        fault_points.at("before-end")
        try:
            if running.joins and body["outcome"]["status"] == "completed":
                written = running.trace.write_soon([entry])
            else:
                running.trace.write([entry])
                written = None
        except Exception as error:
            raise self._lose(running, before, error) from error
        if self._state is not None:
            self._state.accept(body["delta"])
        if written is None:
            self.finish(running, body["outcome"])
        else:
            written.add_done_callback(lambda done: self._finish_joined(running, (body["outcome"], before), done.exception()))

    def _finish_joined(self, running: Running, ended: tuple[dict[str, Any], dict[str, Any]], error: BaseException | None) -> None:
        outcome, before = ended
        if error is None:
            self.finish(running, outcome)
        elif not running.ended.done():
            running.ended.set_exception(self._lose(running, before, error))

    def _lose(self, running: Running, before: dict[str, Any], error: BaseException) -> BridgeError:
        """The motion is over but nobody may rely on it; whoever asks next finds SENT without END, and the state before it."""
        if running.trace.began_at_ms is not None:
            self._admission.quarantine(running.request)
        if self._state is not None and before:
            self._state.put_back(before)
        return to_refusal(error, f"The end of {running.request.id} can't be written to the journal")

    def _find_machine(self, name: str) -> Machine | None:
        return None if self._workcell is None else self._workcell.machines.get(name)


def _read_sent(running: Running) -> Sent:
    trace = running.trace
    return Sent(trace.steps_begun, trace.steps_ended, trace.sends, trace.last_step_method, "running" if trace.is_late else "returned")
