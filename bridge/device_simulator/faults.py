"""Faults that a test plans: which operation of which device goes wrong, how, and how often it really has.

The plan outlives the process, so that a fault of a device that died is still counted.
"""

from __future__ import annotations

from typing import Any

from .store import Store

MODES = frozenset(
    {
        "die-mid-motion",
        "lose-reply",
        "late-reply",
        "hang",
        "part",
        "part-silent",
        "drop-connection",
        "power-cycle",
        "need-homing",
        "refuse",
        "wrong-reply",
        "huge-reply",
        "nan-reply",
    }
)
MEMBERS = frozenset({"device", "op", "nth", "times", "mode", "delayMs", "fraction", "error"})
FAULTS_LIMIT = 1000
DEFAULT_DELAY_MS = 1000
DEFAULT_FRACTION = 0.5
DEFAULT_ERROR = {"type": "Refused", "message": "The device refuses to move."}

Fault = dict[str, Any]


class Faults:
    """Owns the plan."""

    def __init__(self, store: Store) -> None:
        self._store = store
        known = store.load_faults() or {"lastId": 0, "faults": []}
        self._last_id: int = known["lastId"]
        self._faults: list[Fault] = known["faults"]

    def add(self, given: Any) -> int:
        """Raises ValueError with what is wrong with it."""
        if not isinstance(given, dict) or given.get("mode") not in MODES:
            raise ValueError(f"A fault has a mode of: {', '.join(sorted(MODES))}.")
        unknown = sorted(set(given) - MEMBERS)
        if unknown:
            raise ValueError(f"A fault has no {unknown[0]!r}; it has: {', '.join(sorted(MEMBERS))}.")
        fraction = given.get("fraction", DEFAULT_FRACTION)
        if not isinstance(fraction, (int, float)) or not 0 <= fraction <= 1:
            raise ValueError("The fraction of a fault is a number from 0 to 1.")
        if len(self._faults) >= FAULTS_LIMIT:
            raise ValueError(f"{FAULTS_LIMIT} faults are planned already; clear them first.")
        self._last_id += 1
        defaults = {"device": None, "op": None, "nth": 1, "times": 1, "delayMs": DEFAULT_DELAY_MS, "error": DEFAULT_ERROR}
        self._faults.append({**defaults, **given, "fraction": fraction, "faultId": self._last_id, "seen": 0, "fired": 0})
        self._save()
        return self._last_id

    def list(self) -> list[Fault]:
        return self._faults

    def clear(self) -> None:
        self._faults = []
        self._save()

    def take(self, device: str, op: str) -> Fault | None:
        """The fault of this operation, if any. Each that fits counts it; the first that is due fires, another one waits for the next."""
        taken: Fault | None = None
        fitting = [fault for fault in self._faults if _fits(fault, device, op)]
        for fault in fitting:
            is_due = fault["nth"] <= fault["seen"] + 1 < fault["nth"] + fault["times"]
            if is_due and taken is not None:
                continue
            fault["seen"] += 1
            if is_due:
                fault["fired"] += 1
                taken = fault
        if fitting:
            self._save()
        return taken

    def _save(self) -> None:
        self._store.save_faults({"lastId": self._last_id, "faults": self._faults})


def _fits(fault: Fault, device: str, op: str) -> bool:
    """A fault of any operation leaves out `connect`, which is none of a command."""
    return fault["device"] in (None, device) and (fault["op"] == op or (fault["op"] is None and op != "connect"))
