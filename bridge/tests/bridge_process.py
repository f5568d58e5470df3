"""A real bridge process and a client of its wire, for tests: starts, speaks, kills, starts again on the same journal."""

from __future__ import annotations

import json
import os
import resource
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
SMALL_WORKCELL = Path(__file__).with_name("small-workcell.json")
START_TIMEOUT_S = 90.0
REPLY_TIMEOUT_S = 30.0


class Refused(Exception):
    """The bridge answered with a JSON-RPC error."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["message"])
        self.code = error["data"]["code"]


class Client:
    """One connection. `ask` waits for the answer; `send` and `receive` leave room for what happens between them."""

    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(REPLY_TIMEOUT_S)
        self._socket.connect(path)
        self._file = self._socket.makefile("rb")
        self._last_id = 0

    def ask(self, method: str, /, **params: Any) -> Any:
        return self.receive(self.send(method, **params))

    def send(self, method: str, /, **params: Any) -> int:
        self._last_id += 1
        self.send_line(json.dumps({"jsonrpc": "2.0", "id": self._last_id, "method": method, "params": params}).encode())
        return self._last_id

    def send_line(self, line: bytes) -> None:
        self._socket.sendall(line + b"\n")

    def send_piece(self, piece: bytes) -> None:
        """Part of a line, without its end."""
        self._socket.sendall(piece)

    def receive(self, request_id: int | None = None) -> Any:
        while True:
            message = self.receive_message()
            if message is None:
                raise ConnectionError("the bridge closed the connection")
            if request_id is None or message["id"] == request_id:
                break
        if "error" in message:
            raise Refused(message["error"])
        return message["result"]

    def receive_message(self) -> Any:
        """None once the bridge has closed the connection."""
        line = self._file.readline()
        return None if line == b"" else json.loads(line, parse_constant=_refuse_constant)

    def close(self) -> None:
        self._file.close()
        self._socket.close()


class BridgeProcess:
    """Owns the bridge's process and its folder; the folder outlives every process until `remove`."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="praxis-bridge-"))
        self.socket_path = str(self.folder / "bridge.sock")
        self.journal_path = str(self.folder / "journal.db")
        self.tape_path = self.folder / "tape.jsonl"
        self._process: subprocess.Popen[bytes] | None = None
        self._clients: list[Client] = []

    def start(self, fault_at: str | None = None) -> None:
        environment = read_environment()
        if fault_at is not None:
            environment["PRAXIS_FAULT_AT"] = fault_at
        with open(self.folder / "bridge.log", "ab") as log:
            self._process = subprocess.Popen(self.command_line(), env=environment, stdout=log, stderr=log)
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                self.connect().ask("hello")
                return
            except (FileNotFoundError, ConnectionError):
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"the bridge did not start:\n{self.read_log()}") from None
                time.sleep(0.05)

    def command_line(self) -> list[str]:
        paths = ["--socket", self.socket_path, "--journal", self.journal_path, "--home", str(self.folder)]
        return [sys.executable, "-m", self.module, *paths]

    module = "praxis_bridge"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def connect(self) -> Client:
        client = Client(self.socket_path)
        self._clients.append(client)
        return client

    def limit_files(self, limit_bytes: int = resource.RLIM_INFINITY) -> None:
        """Makes writes beyond the limit fail, as a full disk does; without a limit the disk has room again."""
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (limit_bytes, resource.RLIM_INFINITY))

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        self.wait()

    def wait(self) -> int:
        assert self._process is not None
        return self._process.wait(timeout=REPLY_TIMEOUT_S)

    def is_alive(self) -> bool:
        assert self._process is not None
        return self._process.poll() is None

    def read_log(self) -> str:
        return (self.folder / "bridge.log").read_text(errors="replace")

    def read_tape(self) -> list[str]:
        if not self.tape_path.exists():
            return []
        return [json.loads(line)["op"] for line in self.tape_path.read_text().splitlines()]

    def remove(self) -> None:
        for client in self._clients:
            client.close()
        if self._process is not None and self._process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def read_environment() -> dict[str, str]:
    """The environment in which the package and the modules of these tests are found."""
    return {**os.environ, "PYTHONPATH": f"{BRIDGE_FOLDER}:{BRIDGE_FOLDER / 'tests'}"}


def wait_for_phase(client: Client, command_id: str, phase: str) -> None:
    deadline = time.monotonic() + REPLY_TIMEOUT_S
    while client.ask("command.status", id=command_id)["phase"] != phase:
        assert time.monotonic() < deadline, f"{command_id} did not become {phase}"
        time.sleep(0.01)


def read_demo_workcell(backend: str = "STARChatterboxBackend", **backend_arguments: Any) -> dict[str, Any]:
    """A liquid handler with two racks, two plates and a trough."""
    spec = json.loads(SMALL_WORKCELL.read_text())
    spec["machines"][0].update(backend=backend, backendArguments=backend_arguments)
    return spec


def make_command(number: int, method: str, arguments: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A command of run `r1`; `number` makes its id."""
    identity = {"runId": "r1", "callPath": "test", "n": number, "retry": 0, "machine": "star", "fence": 1}
    return {"id": f"r1/test/{number}/0", **identity, "method": method, "arguments": arguments, **changes}


def at_item(labware: str, position: str) -> dict[str, Any]:
    return {"$item": [labware, position]}


def _refuse_constant(name: str) -> Any:
    raise AssertionError(f"the bridge sent {name}, which is not JSON")
