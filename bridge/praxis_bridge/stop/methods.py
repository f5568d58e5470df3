"""How a running command is ended early: by the method of its backend that the table names.

Cancelling a task of asyncio never stops an instrument, so a command without an entry there ends by itself.
Methods that only look until something is reached need no stop method: they look no more.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine

from ..drivers.stop_table import LOOK_NO_MORE, STOP_METHODS
from ..wire.shapes import JsonObject


def find_stop_method(machine_spec: JsonObject, frontend: object, method: str) -> Callable[[], Coroutine[object, None, None]] | None:
    """The call that ends a running command; None where there is none."""
    name = STOP_METHODS.get(machine_spec["frontend"], {}).get(method)
    if name is None:
        return None
    if name == LOOK_NO_MORE:
        return _do_nothing
    stop = getattr(getattr(frontend, "backend", None), name, None)
    return None if stop is None else lambda: _call(stop)


async def _call(stop: Callable[[], object]) -> None:
    # Backends of pumps have methods of both kinds.
    called = stop()
    if inspect.isawaitable(called):
        await called


async def _do_nothing() -> None:
    return None
