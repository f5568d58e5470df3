"""The turn of a command at its machine: commands of one machine begin in the order in which they came."""

from __future__ import annotations

import asyncio


async def take_turn(lock: asyncio.Lock, stop_asked: asyncio.Event) -> bool:
    """Waits for the machine; False when the command was stopped before. No driver is called here, so this may be cancelled."""
    if lock.locked():
        turn, stop = asyncio.ensure_future(lock.acquire()), asyncio.ensure_future(stop_asked.wait())
        await asyncio.wait({turn, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if not turn.done():
            turn.cancel()
            return False
    else:
        await lock.acquire()
    if stop_asked.is_set():
        lock.release()
        return False
    return True
