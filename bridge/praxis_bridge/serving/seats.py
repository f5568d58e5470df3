"""Seats for connections that may stay silent: when all are taken, whoever comes gets that of the one silent longest.

So nobody who only connects can keep out a person who wants to stop everything.
"""

from __future__ import annotations

import threading
from collections.abc import Callable


class Seat:
    """One connection's place; used by its own thread."""

    def __init__(self, seats: Seats, let_go: Callable[[], None]) -> None:
        self._seats = seats
        self.let_go = let_go
        self.is_working = False

    def begin_work(self) -> None:
        self.is_working = True

    def end_work(self) -> None:
        """From now on it counts as silent anew."""
        self._seats.move_to_end(self)

    def leave(self) -> None:
        self._seats.free(self)


class Seats:
    """As many as `count`; safe for threads."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._lock = threading.Lock()
        # Who has been silent longest comes first.
        self._taken: dict[Seat, None] = {}

    def sit(self, let_go: Callable[[], None]) -> Seat:
        """`let_go` is called, from any thread, when the seat is needed. Raises ConnectionRefusedError where all are at work."""
        seat = Seat(self, let_go)
        pushed_out = None
        with self._lock:
            if len(self._taken) >= self._count:
                pushed_out = next((taken for taken in self._taken if not taken.is_working), None)
                if pushed_out is None:
                    raise ConnectionRefusedError("every seat is at work")
                del self._taken[pushed_out]
            self._taken[seat] = None
        if pushed_out is not None:
            pushed_out.let_go()
        return seat

    def move_to_end(self, seat: Seat) -> None:
        with self._lock:
            seat.is_working = False
            if seat in self._taken:
                del self._taken[seat]
                self._taken[seat] = None

    def free(self, seat: Seat) -> None:
        with self._lock:
            self._taken.pop(seat, None)
