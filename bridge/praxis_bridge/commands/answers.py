"""What the journal knows of commands: the outcome of those that have ended, and the end of those whose outcome nobody knows."""

from __future__ import annotations

from typing import Any

from ..doubt.prediction import Prediction
from ..doubt.weigh import Doubt, Sent, weigh_doubt
from ..journal import Entry
from ..wire.errors import BridgeError
from ..wire.requests import Asking, CommandRequest
from .ground import Ground
from .outcome_json import count_steps, make_lost_outcome, make_unbegun_outcome, make_uncertain_outcome
from .under_way import UnderWay


class Answers:
    """Answers from the journal, and writes the ends that no driver writes."""

    def __init__(self, ground: Ground, under_way: UnderWay) -> None:
        self._journal = ground.journal
        self._guard = ground.admission.guard
        self._live = ground.live
        self._under_way = under_way

    def find_outcome(self, request: CommandRequest) -> dict[str, Any] | None:
        self.doubt_unheard_of([request])
        entries = self._journal.read_command(request.id)
        if not entries:
            return None
        request.require_same(next((entry.body["payloadHash"] for entry in entries if "payloadHash" in entry.body), None))
        ended = _find_end(entries)
        return self.close_as_uncertain(request.id, entries) if ended is None else dict(ended.body["outcome"])

    def doubt_unheard_of(self, requests: list[CommandRequest]) -> None:
        """Of what may have been sent under a lost journal, nobody knows how far it came: all of it is in doubt, and the first holds the
        machine."""
        doubted = [each for each in requests if each.asking is not None and self._guard.may_have_sent(each.asking)]
        unheard_of = [each for each in doubted if self._under_way.get(each.id) is None and not self._journal.read_command(each.id)]
        if unheard_of:
            self._guard.require_known()
            self._journal.append([self._close_unheard_of(each) for each in reversed(unheard_of)])

    def end_unbegun(self, request: CommandRequest) -> dict[str, Any]:
        """The outcome of a command that shall not begin, where it has none yet."""
        outcome = self.find_outcome(request)
        if outcome is None:
            outcome = make_unbegun_outcome()
            self._journal.append([Entry("END", request.id, {"outcome": outcome, "delta": {}, **request.body}, outcome["endedAtMs"])])
        return outcome

    def read_status(self, asking: Asking) -> dict[str, Any]:
        running = self._under_way.get(asking.command_id)
        if running is not None:
            return {"phase": "accepted" if running.trace.began_at_ms is None else "sent", "outcome": None}
        entries = self._journal.read_command(asking.command_id)
        if not entries:
            self._guard.require_known()
        ended = _find_end(entries)
        may_be_sent = bool(entries) or self._guard.is_doubted(asking)
        phase = "ended" if ended is not None else "sent" if may_be_sent else "never-seen"
        return {"phase": phase, "outcome": None if ended is None else ended.body["outcome"]}

    def require_uncertain(self, command_id: str) -> dict[str, Any]:
        """The identity of a command whose outcome is uncertain."""
        if self._under_way.get(command_id) is not None:
            raise BridgeError("NOT_UNCERTAIN", f"{command_id} is running.")
        entries = self._journal.read_command(command_id)
        if not entries:
            raise BridgeError("NOT_UNCERTAIN", f"{command_id} was never seen.")
        ended = _find_end(entries)
        outcome = self.close_as_uncertain(command_id, entries) if ended is None else ended.body["outcome"]
        if outcome["status"] != "uncertain":
            raise BridgeError("NOT_UNCERTAIN", f"{command_id} is {outcome['status']}, not uncertain.")
        return dict(next(entry.body["command"] for entry in entries if "command" in entry.body))

    def close_as_uncertain(
        self, command_id: str, entries: list[Entry], told: dict[str, Any] | None = None, prediction: Prediction | None = None
    ) -> dict[str, Any]:
        """Of a command that was sent and has no end; its machine may be there for a prediction alone."""
        outcome = make_uncertain_outcome(entries)
        sent = [entry for entry in entries if entry.kind == "SENT"]
        command = sent[0].body["command"]
        steps = Sent(*count_steps(entries), None, sent[-1].body.get("method"), "gone")
        outcome["error"]["details"], ranges_before = weigh_doubt(Doubt(command, steps, told or {}), self._live, prediction)
        state, machine = self._live.state, self._live.find_machine(command["machine"])
        delta = {} if state is None else state.read_delta(None if machine is None else machine.name)
        body = {"outcome": outcome, "delta": delta, "rangesBefore": ranges_before}
        self._journal.append([Entry("END", command_id, body, outcome["endedAtMs"])])
        if state is not None:
            state.accept(delta)
        return outcome

    def _close_unheard_of(self, request: CommandRequest) -> Entry:
        """The end of a command that may have been sent under a journal that was lost, for its caller to write."""
        outcome = make_lost_outcome()
        outcome["error"]["details"], ranges_before = weigh_doubt(Doubt(request.identity, Sent(0, 0, None, None, "gone")), self._live)
        body = {"outcome": outcome, "delta": {}, "rangesBefore": ranges_before, **request.body}
        return Entry("END", request.id, body, outcome["endedAtMs"])


def _find_end(entries: list[Entry]) -> Entry | None:
    return next((entry for entry in entries if entry.kind == "END"), None)
