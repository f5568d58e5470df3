"""A program of temperatures: its steps in the order in which they run, and which of them is under way after some time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Step:
    cycle: int
    number: int
    # How many steps its stage has.
    steps_of_stage: int
    temperature_c: list[float]
    hold_s: float


def list_steps(stages: list[dict[str, Any]]) -> list[Step]:
    """Of a protocol as PyLabRobot serializes it; every repeat of a stage is a cycle."""
    steps: list[Step] = []
    cycle = 0
    for stage in stages:
        for _ in range(stage["repeats"]):
            for number, step in enumerate(stage["steps"]):
                steps.append(Step(cycle, number, len(stage["steps"]), list(step["temperature"]), float(step["hold_seconds"])))
            cycle += 1
    return steps


def find_step(steps: list[Step], passed_s: float) -> tuple[Step, float] | None:
    """The step under way with the seconds that it still holds; None once the program is over."""
    for step in steps:
        if passed_s < step.hold_s:
            return step, step.hold_s - passed_s
        passed_s -= step.hold_s
    return None
