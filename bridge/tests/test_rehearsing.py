"""A bridge for rehearsals: simulators alone, virtual time, and an end with its stdin."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from praxis_bridge.serving.rehearsal import to_simulators
from praxis_bridge.wire.errors import BridgeError

BRIDGE_FOLDER = Path(__file__).resolve().parent.parent
START_WAIT_S = 60
SPEC: dict[str, Any] = {
    "name": "bench",
    "deck": None,
    "machines": [
        {
            "name": "heater",
            "frontend": "HeaterShaker",
            "backend": "HeaterShakerSimulatorBackend",
            "backendArguments": {"degrees_per_second": 0.1, "tape_file": "/nowhere"},
            "mode": "simulation",
        },
        {
            "name": "star",
            "frontend": "Scale",
            "backend": "MettlerToledoWXS205SDUBackend",
            "backendArguments": {"port": "/dev/ttyS9"},
            "mode": "hardware",
        },
    ],
    "labware": [],
}


class Client:
    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(path)
        self._file = self._socket.makefile("rwb")

    def ask(self, method: str, params: dict[str, Any]) -> Any:
        self._file.write(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode() + b"\n")
        self._file.flush()
        answer = json.loads(self._file.readline())
        assert "result" in answer, answer
        return answer["result"]


@pytest.fixture
def rehearsal(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], Client]]:
    path = str(tmp_path / "bridge.sock")
    arguments = ["--socket", path, "--journal", str(tmp_path / "journal.sqlite"), "--home", str(tmp_path), "--rehearsal"]
    process = subprocess.Popen([sys.executable, "-m", "praxis_bridge", *arguments], stdin=subprocess.PIPE, cwd=BRIDGE_FOLDER)
    try:
        deadline = time.monotonic() + START_WAIT_S
        while not os.path.exists(path) and time.monotonic() < deadline:
            time.sleep(0.05)
        yield process, Client(path)
    finally:
        if process.stdin is not None:
            process.stdin.close()
        process.wait(START_WAIT_S)


def command(n: int, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": f"r/p/{n}/0", "runId": "r", "callPath": "p", "n": n, "retry": 0,
        "machine": "heater", "method": method, "arguments": arguments, "fence": 1,
    }  # fmt: skip


def test_time_is_what_the_rehearsal_says(rehearsal: tuple[subprocess.Popen[bytes], Client]) -> None:
    _process, client = rehearsal
    spec = {**SPEC, "machines": SPEC["machines"][:1]}
    begun = client.ask("rehearsal.begin", {"spec": spec, "state": {}})
    assert begun["spec"]["machines"][0]["backendArguments"] == {"degrees_per_second": 0.1}
    client.ask("rehearsal.clock", {"nowMs": 1_000_000})
    client.ask("command.run", command(1, "set_temperature", {"temperature": 50}))
    before = client.ask("command.run", command(2, "get_temperature", {}))["result"]
    client.ask("rehearsal.clock", {"nowMs": 1_100_000})
    after = client.ask("command.run", command(3, "get_temperature", {}))["result"]
    assert round(after - before, 3) == 10.0


def test_waiting_for_warmth_takes_no_time(rehearsal: tuple[subprocess.Popen[bytes], Client]) -> None:
    _process, client = rehearsal
    client.ask("rehearsal.begin", {"spec": {**SPEC, "machines": SPEC["machines"][:1]}, "state": None})
    client.ask("rehearsal.clock", {"nowMs": 0})
    client.ask("command.run", command(1, "set_temperature", {"temperature": 40}))
    waited = client.ask("command.run", command(2, "wait_for_temperature", {"timeout": 3600, "tolerance": 0.5}))
    assert waited["status"] == "completed", waited
    assert client.ask("command.run", command(3, "get_temperature", {}))["result"] == pytest.approx(40, abs=0.5)


def test_it_ends_with_its_stdin(rehearsal: tuple[subprocess.Popen[bytes], Client]) -> None:
    process, _client = rehearsal
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(START_WAIT_S) == 0


def test_hardware_is_stood_in_for() -> None:
    heater, scale = to_simulators(SPEC)["machines"]
    assert heater["backend"] == "HeaterShakerSimulatorBackend"
    assert scale == {**SPEC["machines"][1], "backend": "ScaleChatterboxBackend", "backendArguments": {}, "mode": "simulation"}


def test_simulators_outside_take_no_part(monkeypatch: pytest.MonkeyPatch) -> None:
    from praxis_bridge.drivers import registry

    monkeypatch.setitem(registry.SIMULATED_BACKENDS, "DeviceScaleBackend", "praxis_bridge.simulators.device_scale")
    monkeypatch.setattr(
        "praxis_bridge.serving.rehearsal.list_simulators", lambda _frontend: ["DeviceScaleBackend", "ScaleChatterboxBackend"]
    )
    machine = {**SPEC["machines"][1], "backend": "DeviceScaleBackend", "mode": "simulation"}
    assert to_simulators({**SPEC, "machines": [machine]})["machines"][0]["backend"] == "ScaleChatterboxBackend"


def test_without_a_simulator_nothing_is_rehearsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("praxis_bridge.serving.rehearsal.list_simulators", lambda _frontend: [])
    with pytest.raises(BridgeError, match="no simulator stands in"):
        to_simulators({**SPEC, "machines": SPEC["machines"][1:]})
