"""The tape: one line per physical act, on disk before the act is acknowledged. It is only ever appended to.

A line that was torn by the end of the process never was acknowledged; it is cut off at the next start.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from typing import Any

Line = dict[str, Any]


class Tape:
    """Owns the file."""

    def __init__(self, path: str) -> None:
        self._path = path
        _cut_torn_line(path)
        self.lines = sum(1 for _ in self.read())
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def append(self, line: Line) -> None:
        """On disk when this returns."""
        self.lines += 1
        numbered = {"n": self.lines, "monoNs": time.monotonic_ns(), "atMs": time.time_ns() // 1_000_000, **line}
        os.write(self._file, json.dumps(numbered, separators=(",", ":"), allow_nan=False).encode() + b"\n")
        os.fdatasync(self._file)

    def read(self, after: int = 0) -> Iterator[Line]:
        if not os.path.exists(self._path):
            return
        with open(self._path, "rb") as tape:
            for number, text in enumerate(tape, 1):
                if number > after:
                    yield json.loads(text)


def _cut_torn_line(path: str) -> None:
    if not os.path.exists(path):
        return
    with open(path, "rb+") as tape:
        content = tape.read()
        tape.truncate(content.rfind(b"\n") + 1)
