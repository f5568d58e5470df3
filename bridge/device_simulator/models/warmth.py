"""A block that is heated: goes to its target at a steady rate, and to the temperature of the room without one."""

from __future__ import annotations

from typing import Any

ROOM_C = 25.0


class Warmth:
    """Remembers where the block was when its target was set; the rest follows from the clock."""

    def __init__(self, degrees_per_second: float) -> None:
        self._degrees_per_second = degrees_per_second
        self._target_c: float | None = None
        self._from_c = ROOM_C
        self._since_s = 0.0

    @property
    def target_c(self) -> float | None:
        return self._target_c

    def aim(self, target_c: float | None, now_s: float) -> None:
        self._from_c = self.read(now_s)
        self._target_c, self._since_s = target_c, now_s

    def read(self, now_s: float) -> float:
        goal_c = ROOM_C if self._target_c is None else self._target_c
        if self._degrees_per_second <= 0:
            return goal_c
        reach_c = max(0.0, now_s - self._since_s) * self._degrees_per_second
        way_c = goal_c - self._from_c
        return round(goal_c if abs(way_c) <= reach_c else self._from_c + (reach_c if way_c > 0 else -reach_c), 2)

    def read_state(self) -> dict[str, Any]:
        return {"targetC": self._target_c, "fromC": self._from_c, "sinceS": self._since_s}

    def restore_state(self, state: dict[str, Any]) -> None:
        self._target_c, self._from_c, self._since_s = state["targetC"], state["fromC"], state["sinceS"]
