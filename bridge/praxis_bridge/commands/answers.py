"""What the journal knows of commands: the outcome of those that have ended, and the end of those whose outcome nobody knows."""

from __future__ import annotations

from ..doubt.prediction import Prediction
from ..doubt.weigh import Doubt, Sent, weigh_doubt
from ..journal import Entry
from ..wire.errors import BridgeError
from ..wire.requests import Asking, CommandRequest
from ..wire.shapes import CommandIdentity, JsonObject, Outcome
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

    def find_outcome(self, request: CommandRequest) -> Outcome | None:
        self.doubt_unheard_of([request])
        entries = self._journal.read_command(request.id)
        if not entries:
            return None
        request.require_same(next((entry.body["payloadHash"] for entry in entries if "payloadHash" in entry.body), None))
        ended = _find_end(entries)
        if ended is None:
            return self.close_as_uncertain(request.id, entries)
        outcome: Outcome = ended.body["outcome"]
        return outcome

    def doubt_unheard_of(self, requests: list[CommandRequest]) -> None:
        """Of what may have been sent under a lost journal, nobody knows how far it came: all of it is in doubt, and the first holds the
        machine."""
        doubted = [each for each in requests if each.asking is not None and self._guard.may_have_sent(each.asking)]
        unheard_of = [each for each in doubted if self._under_way.get(each.id) is None and not self._journal.read_command(each.id)]
        if unheard_of:
            self._guard.require_known()
            self._journal.append([self._close_unheard_of(each) for each in reversed(unheard_of)])

    def end_unbegun(self, request: CommandRequest) -> Outcome:
        """The outcome of a command that shall not begin, where it has none yet."""
        outcome = self.find_outcome(request)
        if outcome is None:
            outcome = make_unbegun_outcome()
            self._journal.append([Entry("END", request.id, {"outcome": outcome, "delta": {}, **request.body}, outcome["endedAtMs"])])
        return outcome

    def read_status(self, asking: Asking) -> JsonObject:
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

    def require_uncertain(self, command_id: str) -> CommandIdentity:
        """The identity of a command whose outcome is uncertain."""
        if self._under_way.get(command_id) is not None:
            raise BridgeError("NOT_UNCERTAIN", f"{command_id} is running.")
        entries = self._journal.read_command(command_id)
        if not entries:
            raise BridgeError("NOT_UNCERTAIN", f"{command_id} was never seen.")
        ended = _find_end(entries)
        outcome: Outcome = self.close_as_uncertain(command_id, entries) if ended is None else ended.body["outcome"]
        if outcome["status"] != "uncertain":
            raise BridgeError("NOT_UNCERTAIN", f"{command_id} is {outcome['status']}, not uncertain.")
        command: CommandIdentity = next(entry.body["command"] for entry in entries if "command" in entry.body)
        return command

    def close_as_uncertain(
        self, command_id: str, entries: list[Entry], told: JsonObject | None = None, prediction: Prediction | None = None
    ) -> Outcome:
        """Of a command that was sent and has no end; its machine may be there for a prediction alone."""
        sent = [entry for entry in entries if entry.kind == "SENT"]
        command: CommandIdentity = sent[0].body["command"]
        steps = Sent(*count_steps(entries), None, sent[-1].body.get("method"), "gone")
        facts, ranges_before = weigh_doubt(Doubt(command, steps, told or {}), self._live, prediction)
        outcome = make_uncertain_outcome(entries, facts)
        state, machine = self._live.state, self._live.find_machine(command["machine"])
        delta = {} if state is None else state.read_delta(None if machine is None else machine.name)
        body = {"outcome": outcome, "delta": delta, "rangesBefore": ranges_before}
        self._journal.append([Entry("END", command_id, body, outcome["endedAtMs"])])
        if state is not None:
            state.accept(delta)
        return outcome

    def _close_unheard_of(self, request: CommandRequest) -> Entry:
        """The end of a command that may have been sent under a journal that was lost, for its caller to write."""
        facts, ranges_before = weigh_doubt(Doubt(request.identity, Sent(0, 0, None, None, "gone")), self._live)
        outcome = make_lost_outcome(facts)
        body = {"outcome": outcome, "delta": {}, "rangesBefore": ranges_before, **request.body}
        return Entry("END", request.id, body, outcome["endedAtMs"])


def _find_end(entries: list[Entry]) -> Entry | None:
    return next((entry for entry in entries if entry.kind == "END"), None)
