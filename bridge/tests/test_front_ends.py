"""Conformance: every public coroutine method of every front end of PyLabRobot is a command that reaches the boundary, or
asks only, or is refused with a reason. A method that PyLabRobot adds fails here and says what to add."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import warnings
from collections.abc import Iterator
from typing import Any

import pylabrobot
import pytest
from bridge_process import BridgeProcess, Client, make_command
from front_end_calls import CALLS, Call, make_workcell, name_machine
from pylabrobot.machines.backend import MachineBackend
from pylabrobot.machines.machine import Machine

from praxis_bridge.drivers import hardware_backends, registry
from praxis_bridge.drivers.method_plans import NOT_COMMANDS, list_coroutines, list_refused

# The first simulator that fits; the liquid handler's is the one with PyLabRobot's own planning.
SIMULATORS = {frontend: registry.list_simulators(frontend)[0] for frontend in registry.FRONTENDS}
SIMULATORS["LiquidHandler"] = "STARChatterboxBackend"


class Lab:
    """A bridge with one machine of every front end."""

    def __init__(self, bridge: BridgeProcess) -> None:
        self._bridge = bridge
        bridge.start()
        self.client: Client = bridge.connect()
        self.client.ask("workcell.apply", spec=make_workcell(SIMULATORS))
        self._commands = 0

    def run(self, machine: str, call: Call) -> tuple[Any, int]:
        """The outcome and how many SENT rows it has."""
        outcome, rows = self.run_with_rows(machine, call)
        return outcome, sum(row["kind"] == "SENT" for row in rows)

    def run_with_rows(self, machine: str, call: Call) -> tuple[Any, list[Any]]:
        self._commands += 1
        after = self.client.ask("hello")["lastRow"]
        command = make_command(self._commands, call.method, call.arguments, machine=call.machine or machine)
        outcome = self.client.ask("command.run", **command)
        return outcome, self.client.ask("journal.read", after=after, limit=99, waitMs=0)["rows"]


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    bridge = BridgeProcess()
    try:
        yield Lab(bridge)
        assert "never awaited" not in bridge.read_log()
    finally:
        bridge.remove()


@pytest.mark.parametrize("frontend", sorted(registry.FRONTENDS))
def test_every_command_reaches_the_boundary_as_often_as_declared(lab: Lab, frontend: str) -> None:
    for call in CALLS[frontend]:
        outcome, steps = lab.run(name_machine(frontend), call)
        assert (call.method, outcome["status"], outcome["error"]) == (call.method, "completed", None)
        assert (call.method, steps) == (call.method, call.steps)


@pytest.mark.parametrize("frontend", sorted(registry.FRONTENDS))
def test_every_method_is_called_or_refused_with_a_reason(frontend: str) -> None:
    owner = registry.find_frontend(frontend)
    called = {call.method for call in CALLS[frontend] if call.machine is None}
    for method in list_coroutines(owner):
        refused = method in list_refused(owner)
        advice = f"{frontend}.{method} is new: add a call to front_end_calls.py, or a reason to NOT_COMMANDS of method_plans.py."
        assert refused != (method in called), advice


def test_no_reason_outlives_its_method() -> None:
    for name, reasons in NOT_COMMANDS.items():
        assert set(reasons) <= set(list_coroutines(registry.find_frontend(name))), name


def test_every_front_end_of_pylabrobot_is_in_the_allow_list() -> None:
    _import_everything()
    found = {owner.__name__ for owner in _list_subclasses(Machine) if owner.__module__.startswith("pylabrobot.")}
    assert found == set(registry.FRONTENDS), "Add the new front end to FRONTENDS of registry.py and to front_end_calls.py."


def test_every_backend_of_pylabrobot_is_listed_or_left_out_with_a_reason() -> None:
    _import_everything()
    known = {*registry.SIMULATED_BACKENDS, *hardware_backends.HARDWARE_BACKENDS, *hardware_backends.LEFT_OUT_BACKENDS}
    backends = [owner for owner in _list_subclasses(MachineBackend) if owner.__module__.startswith("pylabrobot.")]
    found = {owner.__name__ for owner in backends if not inspect.isabstract(owner) and not owner.__name__.startswith("_")}
    assert found - known == set(), "Add the new backend to hardware_backends.py or to SIMULATED_BACKENDS of registry.py."


@pytest.mark.parametrize("name", sorted(hardware_backends.HARDWARE_BACKENDS))
def test_every_hardware_backend_is_where_the_list_says(name: str) -> None:
    assert issubclass(registry.find_backend(name, "hardware"), MachineBackend)


def test_a_method_of_several_motions_writes_several_steps(lab: Lab) -> None:
    whole, rows = lab.run_with_rows("fan", Call("turn_on", {"intensity": 50, "duration": 0.01}))
    steps = [("SENT", 1), ("STEP_END", 1), ("SENT", 2), ("STEP_END", 2), ("END", None)]
    assert (whole["status"], [(row["kind"], row["body"].get("step")) for row in rows]) == ("completed", steps)
    partly, _ = lab.run_with_rows("fan", Call("turn_on", {"intensity": 50, "duration": "no time"}))
    assert (partly["status"], partly["error"]["code"]) == ("failed", "PARTLY_DONE")


def test_a_refused_method_says_why(lab: Lab) -> None:
    outcome, steps = lab.run("star", Call("transfer", {}))
    assert (outcome["status"], outcome["error"]["code"], steps) == ("failed", "UNKNOWN_METHOD", 0)
    assert "primitives" in outcome["error"]["message"]


def _import_everything() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for module in pkgutil.walk_packages(pylabrobot.__path__, "pylabrobot.", onerror=lambda _name: None):
            if "test" in module.name:
                continue
            try:
                importlib.import_module(module.name)
            except Exception:
                continue


def _list_subclasses(owner: type) -> list[type]:
    return [found for child in owner.__subclasses__() for found in (child, *_list_subclasses(child))]
