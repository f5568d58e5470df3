"""The workcell that is live now, with its state: none before the first description, another one after a change of it."""

from __future__ import annotations

from .state import WorkcellState
from .workcell import Machine, Workcell


class LiveWorkcell:
    def __init__(self) -> None:
        self.workcell: Workcell | None = None
        self.state: WorkcellState | None = None

    def use(self, workcell: Workcell, state: WorkcellState) -> None:
        self.workcell, self.state = workcell, state

    def find_machine(self, name: str) -> Machine | None:
        return None if self.workcell is None else self.workcell.machines.get(name)
