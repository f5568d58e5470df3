"""The turn of a command at its machine: commands of one machine begin in the order in which they came."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Literal


class Turn:
    """Had by one at a time, and handed on without being free in between: who comes meanwhile stands behind all who wait, and hears its
    stop."""

    def __init__(self) -> None:
        self._is_taken = False
        self._waiting: deque[asyncio.Future[None]] = deque()

    def is_taken(self) -> bool:
        return self._is_taken

    async def take(self, stop_asked: asyncio.Event) -> bool:
        """Waits for the turn; False when a stop was asked for before. No driver is called here, so this may be cancelled."""
        if stop_asked.is_set():
            return False
        if not self._is_taken:
            self._is_taken = True
            return True
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        stop = asyncio.ensure_future(stop_asked.wait())
        either: set[asyncio.Future[None] | asyncio.Task[Literal[True]]] = {mine, stop}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            self._step_out(mine)
            raise
        finally:
            stop.cancel()
        if stop_asked.is_set():
            self._step_out(mine)
            return False
        return True

    def release(self) -> None:
        if self._waiting:
            self._waiting.popleft().set_result(None)
        else:
            self._is_taken = False

    def _step_out(self, mine: asyncio.Future[None]) -> None:
        if mine.done():
            self.release()
        else:
            self._waiting.remove(mine)
