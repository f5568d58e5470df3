"""A person says where labware stands, outside of any command: once per request, and only while nothing moves there."""

from __future__ import annotations

from dataclasses import dataclass

from ..admission.admission import Admission
from ..commands.under_way import UnderWay
from ..journal import Entry, Journal, read_clock_ms
from ..plr.corrections import correct_location
from ..plr.state import WorkcellState
from ..plr.workcell import Workcell
from ..wire.errors import BridgeError, CommandError
from ..wire.requests import read_integer, read_note, read_object, read_text
from ..wire.shapes import JsonObject
from .touching import list_machines, require_untouched


@dataclass(frozen=True)
class Placement:
    request_id: str
    labware: str
    location: JsonObject
    # Of the item's last holder, as for a replacement.
    fence: int
    by: str
    note: str


def parse_placement(params: JsonObject) -> Placement:
    return Placement(
        read_text(params, "requestId"),
        read_text(params, "labware"),
        read_object(params, "location"),
        read_integer(params, "fence", 0),
        read_text(params, "by"),
        read_note(params, "note"),
    )


class Placer:
    """Takes statements about places."""

    def __init__(self, journal: Journal, under_way: UnderWay, admission: Admission) -> None:
        self._journal = journal
        self._under_way = under_way
        self._admission = admission

    def place(self, placement: Placement, workcell: Workcell | None, state: WorkcellState | None) -> JsonObject:
        """The delta of the state. All of it or nothing; the same request again gets what it got before."""
        placed = self._journal.read_last("PLACE", placement.request_id)
        if placed is not None:
            return dict(placed.body["delta"])
        name = placement.labware
        if workcell is None or state is None or name not in workcell.labware_names:
            raise BridgeError("LABWARE_NOT_FOUND", f"The workcell has no labware {name[:100]!r}.")
        self._admission.require_labware_fence(name, placement.fence)
        places = [state.entries[name].get("place"), placement.location]
        require_untouched(self._under_way.list_running(), [name], places)
        machines = [each for each in list_machines(places) if each in workcell.machines and workcell.machines[each].is_ready]
        before = {each: state.entries[each] for each in [name, *machines] if each in state.entries}
        try:
            correct_location({"labware": name, "location": placement.location}, workcell, state)
        except (BridgeError, CommandError) as error:
            raise BridgeError("BAD_STATEMENT", str(error)) from error
        try:
            return self._write(placement, state, machines)
        except BaseException:
            state.put_back(before)
            raise

    def _write(self, placement: Placement, state: WorkcellState, machines: list[str]) -> JsonObject:
        delta = state.read_delta_of(machines)
        stated = {"labware": placement.labware, "location": placement.location, "by": placement.by, "note": placement.note}
        body = {"requestId": placement.request_id, **stated, "fence": placement.fence, "fencedLabware": [placement.labware], "delta": delta}
        self._journal.append([Entry("PLACE", placement.request_id, body, read_clock_ms())])
        state.accept(delta)
        return delta
