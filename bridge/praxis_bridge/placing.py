"""A person says where labware stands, outside of any command: once per request, and only while nothing moves there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .admission import Admission
from .commands import CommandRunner
from .corrections import correct_location
from .errors import BridgeError, CommandError
from .journal import Entry, Journal, read_clock_ms
from .requests import read_integer, read_note, read_object, read_text
from .state import WorkcellState
from .workcell import Workcell


@dataclass(frozen=True)
class Placement:
    request_id: str
    labware: str
    location: dict[str, Any]
    # Of the machine that works on the deck, as for a replacement.
    fence: int
    by: str
    note: str


def parse_placement(params: dict[str, Any]) -> Placement:
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

    def __init__(self, journal: Journal, commands: CommandRunner, admission: Admission) -> None:
        self._journal = journal
        self._commands = commands
        self._admission = admission

    def place(self, placement: Placement, workcell: Workcell | None, state: WorkcellState | None) -> dict[str, Any]:
        """The delta of the state. All of it or nothing; the same request again gets what it got before."""
        placed = self._journal.read_last("PLACE", placement.request_id)
        if placed is not None:
            return dict(placed.body["delta"])
        name = placement.labware
        if workcell is None or state is None or name not in workcell.labware_names:
            raise BridgeError("LABWARE_NOT_FOUND", f"The workcell has no labware {name[:100]!r}.")
        deck_machine = None if workcell.deck_machine is None else workcell.deck_machine.name
        if deck_machine is not None:
            self._admission.require_fence(deck_machine, placement.fence)
        machines = _list_machines(workcell, deck_machine, state.entries[name].get("place"), placement.location)
        for machine in machines:
            self._commands.require_idle(machine)
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

    def _write(self, placement: Placement, state: WorkcellState, machines: list[str]) -> dict[str, Any]:
        delta: dict[str, Any] = {}
        for machine in machines or [None]:
            delta.update(state.read_delta(machine))
        stated = {"labware": placement.labware, "location": placement.location, "by": placement.by, "note": placement.note}
        body = {"requestId": placement.request_id, **stated, "fence": placement.fence, "delta": delta}
        self._journal.append([Entry("PLACE", placement.request_id, body, read_clock_ms())])
        state.accept(delta)
        return delta


def _list_machines(workcell: Workcell, deck_machine: str | None, *locations: Any) -> list[str]:
    """Machines that must stand still: the one of the deck, where the labware stands, and where it goes."""
    named = [deck_machine, *(place.get(key) for place in locations if isinstance(place, dict) for key in ("machine", "gripper"))]
    return [name for name in dict.fromkeys(named) if isinstance(name, str) and workcell.machines.get(name) is not None and workcell.machines[name].is_ready]
