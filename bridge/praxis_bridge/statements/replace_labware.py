"""A fresh item in the place of a used one: the state follows, once per request."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from ..admission.admission import Admission
from ..commands.under_way import UnderWay
from ..drivers.exceptions import describe
from ..journal import Entry, Journal, read_clock_ms
from ..plr.state import WorkcellState
from ..plr.workcell import Workcell
from ..wire.errors import BridgeError
from ..wire.requests import read_integer, read_names, read_text
from ..wire.shapes import JsonObject
from .touching import require_untouched

# Throws where the deck may not be changed now.
GetDeck = Callable[[], tuple[Workcell | None, WorkcellState | None]]


@dataclass(frozen=True)
class Replacement:
    request_id: str
    run_id: str | None
    names: list[str]
    fence: int


def parse_replacement(params: JsonObject) -> Replacement:
    request_id = read_text(params, "requestId")
    run_id = None if params.get("runId") is None else read_text(params, "runId")
    return Replacement(request_id, run_id, read_names(params, "labware"), read_integer(params, "fence", 0))


class Replacer:
    def __init__(self, journal: Journal, under_way: UnderWay, admission: Admission) -> None:
        self._journal = journal
        self._under_way = under_way
        self._admission = admission
        # One after the other: the same request again must not put a fresh item where the first one's was used since.
        self._turn = asyncio.Lock()

    def find_replaced(self, wish: Replacement) -> list[str] | None:
        """What an earlier request of the same id has replaced."""
        replaced = self._journal.read_last("REPLACE", wish.request_id)
        return None if replaced is None else list(replaced.body["labware"])

    async def replace(self, wish: Replacement, get_deck: GetDeck) -> list[str]:
        async with self._turn:
            replaced = self.find_replaced(wish)
            if replaced is not None:
                return replaced
            workcell, state = self._require_may(wish, get_deck)
            gripped = {name for name in wish.names if "gripper" in (state.entries.get(name, {}).get("place") or {})}
            await _put_matter(wish.names, workcell, gripped)
            # Simulators may take their time: others have had theirs.
            if self._require_may(wish, get_deck) != (workcell, state):
                raise BridgeError("MACHINE_BUSY", "The workcell was changed meanwhile; try again.")
            return self._write(wish, state)

    def _require_may(self, wish: Replacement, get_deck: GetDeck) -> tuple[Workcell, WorkcellState]:
        """Holds until the next await."""
        workcell, state = get_deck()
        if workcell is None or state is None:
            raise BridgeError("LABWARE_NOT_FOUND", "The bridge has no workcell yet.")
        unknown = [name for name in wish.names if name not in workcell.labware_names]
        if unknown:
            raise BridgeError("LABWARE_NOT_FOUND", f"The workcell has no labware {unknown[0][:100]!r}.")
        for name in wish.names:
            self._admission.require_labware_fence(name, wish.fence)
        self._require_untouched(wish.names, state)
        return workcell, state

    def _write(self, wish: Replacement, state: WorkcellState) -> list[str]:
        delta = state.replace(wish.names)
        said = {"requestId": wish.request_id, "runId": wish.run_id, "labware": wish.names, "fence": wish.fence, "fencedLabware": wish.names}
        self._journal.append([Entry("REPLACE", wish.request_id, {**said, "delta": delta}, read_clock_ms())])
        state.accept(delta)
        return wish.names

    def _require_untouched(self, names: list[str], state: WorkcellState) -> None:
        """What other machines and other items do meanwhile is no matter of these."""
        places = [state.entries.get(name, {}).get("place") for name in names]
        require_untouched(self._under_way.list_running(), names, places)


async def _put_matter(names: list[str], workcell: Workcell, gripped: set[str]) -> None:
    """Before the state says so, simulators that hold matter of their own get the fresh item. Asked again they put it again.

    What hangs in a gripper stays there: PyLabRobot leaves it under the place from which it was taken.
    """
    fresh = {item["name"]: item["fresh"] for item in workcell.spec["labware"]}
    items = [(workcell.find(name), fresh[name], name not in gripped) for name in names]
    machines = sorted((m for m in workcell.machines.values() if m.is_ready), key=lambda m: m is not workcell.deck_machine)
    holders = {m.frontend.backend.link.socket: m for m in reversed(machines) if hasattr(m.frontend.backend, "put_labware")}
    for machine in holders.values():
        try:
            await machine.frontend.backend.put_labware(items)
        except Exception as error:
            raise BridgeError(
                "MACHINE_NOT_READY", f"The device simulator of {machine.name} does not take fresh labware: {describe(error)}"
            ) from error
