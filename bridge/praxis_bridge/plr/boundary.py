"""The boundary between a front end and its backend: here SENT is synced to disk before a call may reach the instrument.

Only outermost calls count (backends call themselves), and only those that are not on the read-only list. The end of a
step stays in memory and is written with the next row, so that a command of one step costs two synced writes.
Writes at the wire of the instrument are counted, because an error with none of them means that nothing moved.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import logging
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from ..drivers.read_only_methods import READ_ONLY_METHODS
from ..drivers.wire_methods import LOW_WIRE_METHODS, WIRE_METHODS
from ..journal import fault_points
from ..journal.trace import CommandTrace, Step, current_trace
from ..wire.errors import CommandStopped
from .dry_run import make_plausible_result

logger = logging.getLogger("praxis.boundary")

IO_CLASSES = (
    "pylabrobot.io.usb:USB",
    "pylabrobot.io.serial:Serial",
    "pylabrobot.io.ftdi:FTDI",
    "pylabrobot.io.hid:HID",
    "pylabrobot.io.socket:Socket",
)
# Lifecycle, not commands: they run outside of any command or are refused before.
LIFECYCLE_METHODS = frozenset({"setup", "stop"})


# Set while a front end runs only for what its trackers make of it: its backend does nothing then, and moves nothing.
is_replaying: ContextVar[bool] = ContextVar("is_replaying", default=False)
_current_step: ContextVar[Step | None] = ContextVar("current_step", default=None)
_inside_write: ContextVar[bool] = ContextVar("inside_write", default=False)


def guard_backend(backend: Any) -> None:
    """Puts the boundary around every public coroutine method of one backend object."""
    for name in _list_wire_methods(backend):
        setattr(backend, name, _count_calls(getattr(backend, name)))
    counts_whole_calls = not has_known_wire(backend)
    # Drivers from outside say themselves which of their methods only ask.
    read_only = getattr(type(backend), "READ_ONLY_METHODS", READ_ONLY_METHODS)
    for name, _ in inspect.getmembers(type(backend), _is_coroutine_method):
        if name.startswith("_") or name in LIFECYCLE_METHODS:
            continue
        setattr(backend, name, _guard_method(getattr(backend, name), Manner(name, name in read_only, counts_whole_calls)))


def count_io_writes() -> None:
    """Counts the writes of PyLabRobot's own transports. A transport whose package is not installed can't be used."""
    for path in IO_CLASSES:
        module_name, _, class_name = path.partition(":")
        try:
            owner = getattr(importlib.import_module(module_name), class_name)
        except (ImportError, AttributeError) as error:
            logger.info("transport %s is not available: %s", path, error)
            continue
        if not getattr(owner.write, "_praxis_counts", False):
            owner.write = _count_calls(owner.write)


def has_known_wire(backend: Any) -> bool:
    """Whether zero counted writes prove that nothing left. Where they don't, each boundary call counts as a write."""
    transport_write = getattr(type(getattr(backend, "io", None)), "write", None)
    return getattr(transport_write, "_praxis_counts", False) or bool(_list_wire_methods(backend))


def _list_wire_methods(backend: Any) -> list[str]:
    low = [name for name in LOW_WIRE_METHODS if _is_coroutine_method(getattr(type(backend), name, None))]
    if low:
        return low
    return [name for name in WIRE_METHODS if _is_coroutine_method(getattr(type(backend), name, None))]


def _is_coroutine_method(member: Any) -> bool:
    return callable(member) and inspect.iscoroutinefunction(inspect.unwrap(member))


@dataclass(frozen=True)
class Manner:
    """How a method of a backend is taken."""

    name: str
    is_read_only: bool
    counts_whole_calls: bool


def _guard_method(method: Callable[..., Awaitable[Any]], manner: Manner) -> Callable[..., Awaitable[Any]]:
    name, is_read_only, counts_whole_calls = manner.name, manner.is_read_only, manner.counts_whole_calls

    @functools.wraps(method)
    async def guarded(*args: Any, **kwargs: Any) -> Any:
        if is_replaying.get():
            return make_plausible_result(method)
        trace = current_trace.get()
        if trace is None or _current_step.get() is not None:
            return await method(*args, **kwargs)
        trace.require_going_on()
        if is_read_only:
            return await _run_inside(trace, Step(0, name, counts=False), method, (args, kwargs))
        trace.use_channels = _read_channels(kwargs.get("use_channels"))
        step = trace.begin_step(name)
        if counts_whole_calls:
            _count_send(trace, step)
        try:
            result = await _run_inside(trace, step, method, (args, kwargs))
        except BaseException:
            trace.fail_step(step)
            raise
        fault_points.at("device-done")
        trace.end_step(step)
        trace.require_going_on()
        return result

    # Front ends inspect it at every call; found here it is not worked out anew through the wrapper.
    guarded.__signature__ = inspect.signature(method)  # type: ignore[attr-defined]
    return guarded


async def _run_inside(trace: CommandTrace, step: Step, method: Callable[..., Awaitable[Any]], given: tuple[Any, Any]) -> Any:
    args, kwargs = given
    token = _current_step.set(step)
    trace.open_calls += 1
    try:
        return await method(*args, **kwargs)
    finally:
        trace.open_calls -= 1
        _current_step.reset(token)


def _count_calls(write: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """Counts before the write: a write that fails midway may have left. Nested writes are one."""

    @functools.wraps(write)
    async def counted(*args: Any, **kwargs: Any) -> Any:
        if is_replaying.get():
            raise RuntimeError("A replay may not reach the instrument.")
        trace, step = current_trace.get(), _current_step.get()
        if trace is not None and trace.is_given_up:
            raise CommandStopped("The command was given up; nothing more of it leaves for the instrument.")
        if trace is None or _inside_write.get():
            return await write(*args, **kwargs)
        if step is None or step.counts:
            _count_send(trace, step)
        token = _inside_write.set(True)
        try:
            return await write(*args, **kwargs)
        finally:
            _inside_write.reset(token)

    counted._praxis_counts = True  # type: ignore[attr-defined]
    return counted


def _count_send(trace: CommandTrace, step: Step | None) -> None:
    trace.sends += 1
    if step is None:
        # A write that bypassed the backend's methods belongs to no step; it keeps an error from looking harmless.
        trace.failed_sends += 1
    else:
        step.sends += 1


def _read_channels(channels: Any) -> tuple[int, ...]:
    if not isinstance(channels, (list, tuple)):
        return ()
    return tuple(channel for channel in channels if isinstance(channel, int))
