"""A real device simulator and a client of its wire, for tests: starts, asks, kills, starts again on the same files."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

BRIDGE_FOLDER = Path(__file__).parent.parent
REPLY_TIMEOUT_S = 30.0


class DeviceAnswer(Exception):
    """The simulator answered with an error."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(f"{error['type']}: {error['message']}")
        self.type, self.error = error["type"], error


class DeviceClient:
    """One connection, as a driver has it."""

    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(REPLY_TIMEOUT_S)
        self._socket.connect(path)
        self._file = self._socket.makefile("rb")
        self._last_id = 0

    def send(self, **request: Any) -> int:
        self._last_id += 1
        self._socket.sendall(json.dumps({"id": self._last_id, **request}).encode() + b"\n")
        return self._last_id

    def receive_line(self) -> bytes:
        """Empty once the simulator has closed the connection."""
        try:
            return self._file.readline()
        except ConnectionResetError:
            return b""

    def receive(self, request_id: int) -> Any:
        line = self.receive_line()
        if line == b"":
            raise ConnectionError("the simulator closed the connection")
        reply = json.loads(line)
        assert reply["id"] == request_id
        if not reply["ok"]:
            raise DeviceAnswer(reply["error"])
        return reply["result"]

    def ask(self, **request: Any) -> Any:
        return self.receive(self.send(**request))

    def limit_wait(self, timeout_s: float) -> None:
        self._socket.settimeout(timeout_s)

    def close(self) -> None:
        self._file.close()
        self._socket.close()


class DeviceSimulator:
    """Owns the process and its folder; the folder outlives every process until `remove`."""

    def __init__(self, motion_ms: float = 0) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="praxis-device-"))
        self.socket_path = str(self.folder / "device.sock")
        self.tape_path = self.folder / "tape.jsonl"
        self._motion_ms = motion_ms
        self._process: subprocess.Popen[bytes] | None = None
        self._clients: list[DeviceClient] = []

    def start(self) -> None:
        paths = ["--socket", self.socket_path, "--tape", str(self.tape_path), "--state", str(self.folder / "state.json")]
        command = [sys.executable, "-m", "device_simulator", *paths, "--motion-ms", str(self._motion_ms), "--print-ready"]
        with open(self.folder / "device.log", "ab") as log:
            self._process = subprocess.Popen(command, cwd=BRIDGE_FOLDER, stdout=subprocess.PIPE, stderr=log)
        assert self._process.stdout is not None
        if self._process.stdout.readline() != b"ready\n":
            raise RuntimeError(f"the device simulator did not start:\n{(self.folder / 'device.log').read_text()}")

    def connect(self) -> DeviceClient:
        client = DeviceClient(self.socket_path)
        self._clients.append(client)
        return client

    def control(self, control: str, **given: Any) -> Any:
        client = DeviceClient(self.socket_path)
        try:
            return client.ask(control=control, **given)
        finally:
            client.close()

    def add_fault(self, mode: str, **fault: Any) -> int:
        fault_id: int = self.control("faults.add", fault={"mode": mode, **fault})["faultId"]
        return fault_id

    def count_fired(self, fault_id: int) -> int:
        faults = self.control("faults.list")["faults"]
        return next(int(fault["fired"]) for fault in faults if fault["faultId"] == fault_id)

    def kill(self) -> None:
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGKILL)
        self.wait()

    def wait(self) -> int:
        assert self._process is not None
        return self._process.wait(timeout=REPLY_TIMEOUT_S)

    def wait_for_motion(self) -> None:
        """Until a motion is under way."""
        motions = self.folder / "state.json.motions"
        while not motions.exists() or json.loads(motions.read_text()) == {}:
            time.sleep(0.005)

    def read_tape(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.tape_path.read_text().splitlines()] if self.tape_path.exists() else []

    def read_acts(self) -> list[dict[str, Any]]:
        """Without what only looked, and what other hands did."""
        return [line for line in self.read_tape() if not line["isRead"] and line["kind"] != "control"]

    def remove(self) -> None:
        for client in self._clients:
            client.close()
        if self._process is not None and self._process.poll() is None:
            self.kill()
        if self._process is not None and self._process.stdout is not None:
            self._process.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)
