"""Drivers that are not PyLabRobot's: a folder named by PRAXIS_BRIDGE_DRIVERS tells in `praxis_drivers.py` which classes it has.

A driver is one class; its public coroutine methods become commands. Journal, boundary, doubt and stop work for it as for any
other, because it takes the place of a backend under a front end that is made here and only passes on.
"""

from __future__ import annotations

import abc
import functools
import importlib.util
import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import registry
from .hardware_backends import HARDWARE_BACKENDS
from .retry_table import READ_ONLY, REPEATABLE_METHODS, SET_STATE
from .stop_table import STOP_METHODS
from .wire_methods import LOW_WIRE_METHODS, WIRE_METHODS

FOLDER_SETTING = "PRAXIS_BRIDGE_DRIVERS"
ENTRY_FILE = "praxis_drivers.py"
NO_COMMANDS = frozenset({"setup", "stop", *WIRE_METHODS, *LOW_WIRE_METHODS})


class DriverFolderError(Exception):
    """What is wrong with the folder, for the person who started the bridge."""


class DeviceReplyError(Exception):
    """The instrument itself answered that it did not do it: the outcome is known, nobody is asked."""


@dataclass(frozen=True)
class Driver:
    """One kind of instrument, as workcells and protocols name it."""

    frontend: str
    # Id for `backend` of a workcell → class. Those of simulators are connected by themselves, the others by a person.
    hardware: Mapping[str, type] = field(default_factory=dict)
    simulators: Mapping[str, type] = field(default_factory=dict)
    # Methods that only ask: they write no SENT and simply run again.
    read_only: frozenset[str] | set[str] = frozenset()
    # Methods that set a state: sent again by themselves when their outcome was lost, once the sensors answer.
    set_state: frozenset[str] | set[str] = frozenset()
    # Method → the one that ends it early.
    stop_methods: Mapping[str, str] = field(default_factory=dict)
    # Read-only method without arguments → what it tells, for the person who is asked about a command in doubt.
    probes: Mapping[str, str] = field(default_factory=dict)


def load_drivers(folder: str) -> None:
    """Registers what the folder declares. Raises DriverFolderError."""
    path = Path(folder) / ENTRY_FILE
    if not path.is_file():
        raise DriverFolderError(f"{FOLDER_SETTING} names {folder}, where there is no {ENTRY_FILE}.")
    sys.path.append(folder)
    spec = importlib.util.spec_from_file_location("praxis_drivers", path)
    if spec is None or spec.loader is None:
        raise DriverFolderError(f"{path} can't be loaded.")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # Whatever the author of the file did wrong.
        raise DriverFolderError(f"{path} can't be loaded: {type(error).__name__}: {error}") from error
    for driver in getattr(module, "DRIVERS", []):
        register(driver)


def register(driver: Driver) -> None:
    classes = {**driver.simulators, **driver.hardware}
    if not classes:
        raise DriverFolderError(f"{driver.frontend} has neither a hardware class nor a simulator.")
    _require_new(driver, classes)
    commands = _list_commands(next(iter({**driver.hardware, **driver.simulators}.values())))
    for name, owner in classes.items():
        missing = sorted(commands - _list_commands(owner))
        if missing:
            raise DriverFolderError(f"{name} of {driver.frontend} lacks {', '.join(missing)}.")
    named = {*driver.read_only, *driver.set_state, *driver.stop_methods, *driver.stop_methods.values(), *driver.probes}
    if not named <= commands:
        raise DriverFolderError(f"{driver.frontend} has no {', '.join(sorted(named - commands))}; it has: {', '.join(sorted(commands))}.")
    for owner in classes.values():
        owner.READ_ONLY_METHODS = frozenset(driver.read_only)  # type: ignore[attr-defined]  # Any class of the folder.
    registry.FRONTENDS[driver.frontend] = _make_frontend(driver, commands, classes)
    HARDWARE_BACKENDS.update(driver.hardware)
    registry.SIMULATED_BACKENDS.update(driver.simulators)
    REPEATABLE_METHODS[driver.frontend] = {**dict.fromkeys(driver.set_state, SET_STATE), **dict.fromkeys(driver.read_only, READ_ONLY)}
    STOP_METHODS[driver.frontend] = dict(driver.stop_methods)


def _require_new(driver: Driver, classes: Mapping[str, type]) -> None:
    known = {*registry.FRONTENDS, *HARDWARE_BACKENDS, *registry.SIMULATED_BACKENDS}
    taken = sorted(known & {driver.frontend, *classes})
    if taken:
        raise DriverFolderError(f"The name {taken[0]} is taken already.")


def _list_commands(owner: type) -> set[str]:
    members = inspect.getmembers(owner, inspect.iscoroutinefunction)
    return {name for name, _ in members if not name.startswith("_") and name not in NO_COMMANDS}


def _make_frontend(driver: Driver, commands: set[str], classes: Mapping[str, type]) -> type:
    # A class that its drivers are taken to be of, so that no other backend fits.
    kind = abc.ABCMeta(f"{driver.frontend}Driver", (), {})
    for owner in classes.values():
        kind.register(owner)
    model = next(iter({**driver.hardware, **driver.simulators}.values()))

    def take(self: Any, backend: Any) -> None:
        self.backend = backend

    take.__annotations__ = {"backend": kind}
    members: dict[str, Any] = {name: _pass_on(getattr(model, name), name) for name in commands}
    lifecycle = {name: _pass_on(getattr(model, name), name) for name in ("setup", "stop")}
    return type(driver.frontend, (), {"__init__": take, "PROBES": dict(driver.probes), **lifecycle, **members})


def _pass_on(model: Callable[..., Any], name: str) -> Callable[..., Any]:
    @functools.wraps(model)
    async def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return await getattr(self.backend, name)(*args, **kwargs)

    return method
