"""Stopping a command: the stop method of its machine beside it, a waiting command before it begins, or nothing at all."""

from __future__ import annotations

import importlib
import typing
from typing import Any

import pytest
from bridge_process import BridgeProcess, Client, Refused, at_item, make_command, read_demo_workcell, wait_for_phase

from praxis_bridge.drivers.registry import FRONTENDS
from praxis_bridge.drivers.stop_table import LOOK_NO_MORE, STOP_METHODS

LONG_S = 600.0


def _start(bridge: BridgeProcess, motion_s: float = 0.0, degrees_per_second: float = 0.001) -> Client:
    """A shaker that takes very long to warm and an arm, both on one tape."""
    tape = {"tape_file": str(bridge.tape_path), "motion_s": motion_s}
    machines = [
        ("hs", "HeaterShaker", "HeaterShakerSimulatorBackend", {**tape, "degrees_per_second": degrees_per_second}),
        ("arm", "ExperimentalSCARA", "SCARASimulatorBackend", tape),
    ]
    keys = ("name", "frontend", "backend", "backendArguments")
    built = [{**dict(zip(keys, each)), "mode": "simulation"} for each in machines]
    spec = {"name": "small", "deck": None, "labware": [], "machines": built}
    bridge.start()
    client = bridge.connect()
    client.ask("workcell.apply", spec=spec)
    return client


def _stop(bridge: BridgeProcess, command: dict[str, Any]) -> Any:
    return bridge.connect().ask("command.stop", id=command["id"])


def test_stops_a_shaker_in_the_sleep_of_its_front_end(bridge: BridgeProcess) -> None:
    client = _start(bridge)
    shake = make_command(1, "shake", {"speed": 300, "duration": LONG_S}, machine="hs")
    running = client.send("command.run", **shake)
    wait_for_phase(bridge.connect(), shake["id"], "sent")
    assert _stop(bridge, shake) == {"isStopping": True}
    outcome = client.receive(running)
    assert (outcome["status"], outcome["error"]["code"]) == ("stopped", "COMMAND_STOPPED")
    assert bridge.read_tape()[-1] == "stop_shaking"
    assert client.ask("command.run", **shake) == outcome
    assert _stop(bridge, shake) == {"isStopping": False}
    assert client.ask("command.run", **make_command(2, "unlock_plate", {}, machine="hs"))["status"] == "completed"


def test_stops_a_wait_that_only_looks(bridge: BridgeProcess) -> None:
    client = _start(bridge)
    assert client.ask("command.run", **make_command(1, "set_temperature", {"temperature": 90}, machine="hs"))["status"] == "completed"
    tape = bridge.read_tape()
    wait = make_command(2, "wait_for_temperature", {"timeout": LONG_S}, machine="hs")
    running = client.send("command.run", **wait)
    assert _stop(bridge, wait) == {"isStopping": True}
    assert client.receive(running)["status"] == "stopped"
    assert bridge.read_tape() == tape
    assert client.ask("state.read")["resources"]["hs"]["targetTemperatureC"] == 90


def test_halts_an_arm_beside_its_motion(bridge: BridgeProcess) -> None:
    client = _start(bridge, motion_s=0.5)
    home, queued = make_command(1, "home", {}, machine="arm"), make_command(2, "move_to_safe", {}, machine="arm")
    running = client.send("command.run", **home)
    waiting = client.send("command.run", **queued)
    wait_for_phase(bridge.connect(), home["id"], "sent")
    assert _stop(bridge, queued) == {"isStopping": True}
    stopped = client.receive(waiting)
    assert (stopped["status"], stopped["sends"], stopped["beganAtMs"]) == ("stopped", 0, None)
    assert bridge.read_tape() == [], "the running command was not left alone"
    assert _stop(bridge, home) == {"isStopping": True}
    assert client.receive(running)["status"] == "stopped"
    assert sorted(bridge.read_tape()) == ["halt", "home"]
    rows = client.ask("journal.read", after=0, limit=99, waitMs=0)["rows"]
    assert [row["kind"] for row in rows if row["commandId"] == home["id"]] == ["SENT", "STEP_END", "END"]
    ended = next(row["body"] for row in rows if row["commandId"] == queued["id"])
    assert ended["command"]["method"] == "move_to_safe" and ended["payloadHash"]


def test_leaves_alone_what_has_no_stop_method(bridge: BridgeProcess) -> None:
    bridge.start()
    client = bridge.connect()
    client.ask("workcell.apply", spec=read_demo_workcell("CountingSTARChatterboxBackend", motion_s=0.5))
    pick_up = make_command(1, "pick_up_tips", {"tip_spots": [at_item("tips_1", "A1")]})
    running = client.send("command.run", **pick_up)
    wait_for_phase(bridge.connect(), pick_up["id"], "sent")
    assert _stop(bridge, pick_up) == {"isStopping": False}
    assert client.receive(running)["status"] == "completed"


def test_a_stop_of_a_block_stops_its_running_command(bridge: BridgeProcess) -> None:
    client = _start(bridge)
    commands = [make_command(n, "shake", {"speed": 300, "duration": LONG_S}, machine="hs") for n in (1, 2)]
    block = client.send("block.run", commands=commands)
    wait_for_phase(bridge.connect(), commands[0]["id"], "sent")
    assert _stop(bridge, commands[1]) == {"isStopping": True}
    reply = client.receive(block)
    assert [outcome["status"] for outcome in reply["outcomes"]] == ["stopped"]
    assert client.ask("command.status", id=commands[1]["id"])["phase"] == "never-seen"


@pytest.mark.parametrize("params", [{}, {"id": 1}, {"id": ""}])
def test_refuses_a_stop_of_nothing(bridge: BridgeProcess, params: dict[str, Any]) -> None:
    bridge.start()
    client = bridge.connect()
    assert client.ask("command.stop", id="r1/never/1/0") == {"isStopping": False}
    with pytest.raises(Refused) as refused:
        client.ask("command.stop", **params)
    assert refused.value.code == "INVALID_REQUEST"


def test_every_stop_method_is_one_of_the_backends_of_its_front_end() -> None:
    checked = 0
    for frontend, table in STOP_METHODS.items():
        backend = _find_backend_base(getattr(importlib.import_module(FRONTENDS[frontend]), frontend))
        for method, stop in table.items():
            assert stop == LOOK_NO_MORE or callable(getattr(backend, stop, None)), f"{frontend}.{method}: {backend.__name__}.{stop}"
            checked += 1
    assert checked > 30


def _find_backend_base(frontend: type) -> type:
    """What the nearest front end that takes a backend wants it to be."""
    for each in frontend.__mro__:
        wanted = typing.get_type_hints(each.__init__).get("backend") if "__init__" in vars(each) else None
        if isinstance(wanted, type):
            return wanted
    raise AssertionError(f"{frontend.__name__} takes no backend")
