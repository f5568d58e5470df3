"""The end of a command: its outcome with the state it leaves, on disk before anybody is told.

What is in doubt is weighed here: facts for the person who will be asked, and intervals for the volumes it may have changed.
"""

from __future__ import annotations

import logging

from ..doubt.weigh import Doubt, Sent, weigh_doubt
from ..drivers.exceptions import describe, to_refusal
from ..journal import Entry, fault_points
from ..wire.errors import BridgeError, Failure
from ..wire.shapes import JsonObject, Outcome
from .ground import Ground
from .outcome_json import make_outcome
from .running import Ending, Running

logger = logging.getLogger("praxis.ends")


class Ends:
    """Writes END rows and settles those who wait for them."""

    def __init__(self, ground: Ground) -> None:
        self._admission = ground.admission
        self._live = ground.live

    def end(self, running: Running, ending: Ending, told: JsonObject) -> Outcome:
        """`told` is what the machine's sensors said, where its outcome is in doubt."""
        trace, failure, state = running.trace, ending.failure, self._live.state
        body: JsonObject = {"outcome": None, "delta": {}}
        # A driver that still runs was not stopped, whatever its stop method said.
        was_stopped = running.was_stopped and not trace.is_late
        try:
            if state is not None and running.is_executing:
                if failure is None:
                    state.settle(running.request.machine)
                else:
                    state.roll_back(running.request.machine)
                if failure is not None and failure.status == "uncertain" and not was_stopped:
                    body["before"] = state.read_taken_before(running.request.machine)
                    facts, body["rangesBefore"] = weigh_doubt(Doubt(running.request.identity, _read_sent(running), told), self._live)
                    failure = failure.with_details(facts)
                body["delta"] = state.read_delta(running.request.machine)
        except BaseException as error:  # Without its state the machine can't be trusted with the next command.
            logger.exception("the state after %s can't be read", running.request.id)
            failure = Failure("uncertain", {"code": "UNCERTAIN", "message": f"The state can't be read: {describe(error)}"})
        outcome = make_outcome(trace, failure, ending.result, was_stopped)
        identity = running.request.body if trace.began_at_ms is None else {}
        self._write(running, {**body, "outcome": outcome, **identity})
        return outcome

    def _write(self, running: Running, body: JsonObject) -> None:
        entry = Entry("END", running.request.id, body, body["outcome"]["endedAtMs"])
        state = self._live.state
        known = {} if state is None else state.entries
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
        if state is not None:
            state.accept(body["delta"])
        if written is None:
            finish(running, body["outcome"])
        else:
            written.add_done_callback(lambda done: self._finish_joined(running, (body["outcome"], before), done.exception()))

    def _finish_joined(self, running: Running, ended: tuple[Outcome, JsonObject], error: BaseException | None) -> None:
        outcome, before = ended
        if error is None:
            finish(running, outcome)
        elif not running.ended.done():
            running.ended.set_exception(self._lose(running, before, error))

    def _lose(self, running: Running, before: JsonObject, error: BaseException) -> BridgeError:
        """The motion is over but nobody may rely on it; whoever asks next finds SENT without END, and the state before it."""
        if running.trace.began_at_ms is not None:
            self._admission.quarantine(running.request)
        if self._live.state is not None and before:
            self._live.state.put_back(before)
        return to_refusal(error, f"The end of {running.request.id} can't be written to the journal")


def finish(running: Running, outcome: Outcome) -> None:
    fault_points.at("after-end")
    if not running.ended.done():
        running.ended.set_result(outcome)


def _read_sent(running: Running) -> Sent:
    trace = running.trace
    return Sent(trace.steps_begun, trace.steps_ended, trace.sends, trace.last_step_method, "running" if trace.is_late else "returned")
