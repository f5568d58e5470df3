"""Drivers that are not PyLabRobot's, on the syringe pump of the examples: journal, doubt, repeats, stop and errors as for any other."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bridge_process import BRIDGE_FOLDER, BridgeProcess, make_command, wait_for_phase

EXAMPLE = BRIDGE_FOLDER.parent / "examples" / "syringe-pump"
PATIENCE_S = 20.0


class Pump:
    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._tape = folder / "pump.tape"
        command = [sys.executable, str(EXAMPLE / "simulated_pump.py"), str(self.port), str(self._tape)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert self._process.stdout is not None and self._process.stdout.readline() == b"ready\n"

    def read_tape(self) -> list[str]:
        return self._tape.read_text().splitlines() if self._tape.exists() else []

    def end(self) -> None:
        self._process.kill()
        self._process.wait(timeout=PATIENCE_S)


@pytest.fixture
def pump(tmp_path: Path) -> Iterator[Pump]:
    started = Pump(tmp_path)
    try:
        yield started
    finally:
        started.end()


@pytest.fixture
def lab(bridge: BridgeProcess, pump: Pump, monkeypatch: pytest.MonkeyPatch) -> BridgeProcess:
    monkeypatch.setenv("PRAXIS_BRIDGE_DRIVERS", str(EXAMPLE / "drivers"))
    bridge.start()
    machine = {"name": "pump", "frontend": "SyringePump", "backend": "SimulatedSyringePumpBackend", "mode": "simulation"}
    spec = {"name": "bench", "deck": None, "labware": [], "machines": [{**machine, "backendArguments": {"port": pump.port}}]}
    assert bridge.connect().ask("workcell.apply", spec=spec) == {"changed": True}
    return bridge


def make(number: int, method: str, **arguments: Any) -> dict[str, Any]:
    return make_command(number, method, arguments, machine="pump")


def test_its_methods_are_commands(lab: BridgeProcess, pump: Pump) -> None:
    client = lab.connect()
    aspirated = client.ask("command.run", **make(1, "aspirate", volume_ul=200, speed_ul_per_s=10_000))
    assert (aspirated["status"], aspirated["sends"]) == ("completed", 1)
    read = client.ask("command.run", **make(2, "read_position"))
    assert (read["status"], read["result"], read["beganAtMs"]) == ("completed", 200, None)
    assert pump.read_tape() == ["ASPIRATE 200 10000"]
    for number, method in ((3, "setup"), (4, "_write_and_read_command"), (5, "explode")):
        assert client.ask("command.run", **make(number, method))["error"]["code"] == "UNKNOWN_METHOD"
    assert client.ask("command.run", **make(6, "aspirate", volume_ul="much"))["error"]["code"] == "BAD_ARGUMENTS"


def test_what_the_instrument_refuses_is_known_and_what_it_leaves_unanswered_is_in_doubt(lab: BridgeProcess, pump: Pump) -> None:
    client = lab.connect()
    refused = client.ask("command.run", **make(1, "dispense", volume_ul=5))
    assert (refused["status"], refused["error"]["code"]) == ("failed", "MACHINE_ERROR")
    client.send("command.run", **make(2, "aspirate", volume_ul=900, speed_ul_per_s=1))
    wait_for_phase(lab.connect(), "r1/test/2/0", "sent")
    pump.end()
    assert client.receive()["status"] == "uncertain"


def test_a_motion_that_was_sent_when_the_bridge_died_is_in_doubt_with_what_the_pump_tells(lab: BridgeProcess, pump: Pump) -> None:
    client = lab.connect()
    client.send("command.run", **make(1, "aspirate", volume_ul=100, speed_ul_per_s=50))
    wait_for_phase(lab.connect(), "r1/test/1/0", "sent")
    while not pump.read_tape():
        pass
    lab.kill()
    lab.start()
    outcome = lab.connect().ask("command.run", **make(1, "aspirate", volume_ul=100, speed_ul_per_s=50))
    assert outcome["status"] == "uncertain"
    assert "positionUl" in outcome["error"]["details"]["sensors"]
    assert pump.read_tape() == ["ASPIRATE 100 50"]


def test_a_stop_halts_the_pump_beside_its_motion(lab: BridgeProcess, pump: Pump) -> None:
    client = lab.connect()
    running = client.send("command.run", **make(1, "aspirate", volume_ul=900, speed_ul_per_s=1))
    wait_for_phase(lab.connect(), "r1/test/1/0", "sent")
    while not pump.read_tape():
        pass
    assert lab.connect().ask("command.stop", id="r1/test/1/0") == {"isStopping": True}
    assert client.receive(running)["status"] == "stopped"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("DRIVERS = [", "SyntaxError"),
        ("from praxis_bridge.drivers.foreign import Driver\nDRIVERS = [Driver('Odd')]", "neither a hardware class"),
        ("from praxis_bridge.drivers.foreign import Driver\nDRIVERS = [Driver('Pump', simulators={'Odd': object})]", "is taken"),
        (
            "from praxis_bridge.drivers.foreign import Driver\n"
            "DRIVERS = [Driver('Odd', simulators={'OddSim': object}, read_only={'look'})]",
            "has no look",
        ),
    ],
)
def test_a_folder_that_is_wrong_is_told_at_the_start(bridge: BridgeProcess, tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "praxis_drivers.py").write_text(text)
    environment = {**os.environ, "PYTHONPATH": str(BRIDGE_FOLDER), "PRAXIS_BRIDGE_DRIVERS": str(tmp_path)}
    ended = subprocess.run(bridge.command_line(), env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert (ended.returncode, words in ended.stderr) == (2, True), ended.stderr


def test_a_changed_driver_is_another_bridge(tmp_path: Path) -> None:
    hashes = []
    for text in ("DRIVERS = []", "DRIVERS = [ ]"):
        (tmp_path / "praxis_drivers.py").write_text(text)
        environment = {**os.environ, "PYTHONPATH": str(BRIDGE_FOLDER), "PRAXIS_BRIDGE_DRIVERS": str(tmp_path)}
        hashes.append(subprocess.check_output([sys.executable, "-m", "praxis_bridge", "--print-hash"], env=environment))
    assert hashes[0] != hashes[1]
