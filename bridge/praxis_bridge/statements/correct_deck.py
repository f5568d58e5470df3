"""A person says what is true on the deck, outside of any statement about a command: once per request, all of it or nothing."""

from __future__ import annotations

from dataclasses import dataclass

from ..commands.under_way import UnderWay
from ..journal import Entry, Journal, read_clock_ms
from ..plr.corrections import apply_corrections, list_corrected_machines
from ..plr.state import WorkcellState
from ..plr.workcell import Workcell
from ..wire.errors import BridgeError
from ..wire.requests import CORRECTIONS_LIMIT, read_note, read_objects, read_text
from ..wire.shapes import JsonObject


@dataclass(frozen=True)
class Correction:
    request_id: str
    corrections: list[JsonObject]
    by: str
    note: str


def parse_correction(params: JsonObject) -> Correction:
    corrections = read_objects(params, "corrections", CORRECTIONS_LIMIT)
    if not corrections:
        raise BridgeError("INVALID_REQUEST", "'corrections' must be a list of at least one fact.")
    return Correction(read_text(params, "requestId"), corrections, read_text(params, "by"), read_note(params, "note"))


class Corrector:
    """Takes facts about the deck. Nothing may move meanwhile: a command that ends later would undo what was said."""

    def __init__(self, journal: Journal, under_way: UnderWay) -> None:
        self._journal = journal
        self._under_way = under_way

    def correct(self, given: Correction, workcell: Workcell | None, state: WorkcellState | None) -> JsonObject:
        """The delta of the state; the same request again gets what it got before."""
        stored = self._journal.read_last("CORRECT", given.request_id)
        if stored is not None:
            return dict(stored.body["delta"])
        if workcell is None or state is None:
            raise BridgeError("BAD_STATEMENT", "The bridge has no workcell, so nothing of its state can be stated.")
        machines = _list_machines(workcell, given.corrections)
        for machine in machines:
            self._under_way.require_idle(machine)
        try:
            apply_corrections(given.corrections, workcell, state)
            delta = state.read_delta_of(machines)
            said = {"corrections": given.corrections, "by": given.by, "note": given.note}
            self._journal.append(
                [Entry("CORRECT", given.request_id, {"requestId": given.request_id, **said, "delta": delta}, read_clock_ms())]
            )
        except BaseException:
            for machine in machines:
                state.roll_back(machine)
            changed = state.read_delta_of(machines)
            state.put_back({name: state.entries[name] for name in changed if name in state.entries})
            raise
        state.accept(delta)
        return delta


def _list_machines(workcell: Workcell, corrections: list[JsonObject]) -> list[str]:
    """The machine of the deck, and those that the facts name."""
    named = [None if workcell.deck_machine is None else workcell.deck_machine.name, *list_corrected_machines(corrections)]
    return [name for name in dict.fromkeys(named) if name is not None and name in workcell.machines]
