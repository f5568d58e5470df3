"""What outlives the process beside the tape: a snapshot of physics, motions under way, faults that are planned.

The snapshot may be older than the tape; the lines after it are added up at the start. Files are replaced whole.
"""

from __future__ import annotations

import json
import os
from typing import Any

from .physics import Physics
from .tape import Tape

# So many lines are read again at the start at most.
SNAPSHOT_EVERY_LINES = 200


class Store:
    """Owns the state file and its two companions, `.motions` and `.faults`."""

    def __init__(self, path: str, physics: Physics, tape: Tape) -> None:
        self._path, self._physics, self._tape = path, physics, tape
        self._saved_line = 0
        self._motions: dict[str, Any] = {}

    def load(self) -> None:
        """Physics as it was when the last process ended."""
        saved = _read(self._path)
        if saved is not None:
            self._physics.load(saved["physics"])
            self._saved_line = saved["line"]
        for line in self._tape.read(self._saved_line):
            self._physics.apply(line["device"], line["after"], line["atMs"])
        self._motions = _read(f"{self._path}.motions") or {}

    def save_if_due(self) -> None:
        if self._physics.has_news or self._tape.lines - self._saved_line >= SNAPSHOT_EVERY_LINES:
            self.save()

    def save(self) -> None:
        self._physics.has_news, self._saved_line = False, self._tape.lines
        _write(self._path, {"line": self._tape.lines, "physics": self._physics.dump()})

    def list_motions(self) -> list[dict[str, Any]]:
        return list(self._motions.values())

    def begin_motion(self, device: str, order: dict[str, Any]) -> None:
        self._motions[device] = order
        _write(f"{self._path}.motions", self._motions)

    def end_motion(self, device: str) -> None:
        if self._motions.pop(device, None) is not None:
            _write(f"{self._path}.motions", self._motions)

    def load_faults(self) -> dict[str, Any] | None:
        return _read(f"{self._path}.faults")

    def save_faults(self, faults: dict[str, Any]) -> None:
        _write(f"{self._path}.faults", faults)


def _read(path: str) -> dict[str, Any] | None:
    if not os.path.exists(path):
        return None
    with open(path, "rb") as file:
        content: dict[str, Any] = json.loads(file.read())
    return content


def _write(path: str, content: dict[str, Any]) -> None:
    with open(f"{path}.new", "w") as file:
        json.dump(content, file)
    os.replace(f"{path}.new", path)
