"""The wire over TCP: nothing before the token, little is spent on who does not have it, and a cut link changes nothing."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import pytest
from bridge_process import BridgeProcess, Client, Refused, at_item, make_command, read_demo_workcell, wait_for_phase

TOKEN = "0123456789abcdef" * 4
# Longer than the bridge waits for a token.
PATIENCE_S = 20.0
GIGABYTE = 1024**3
MEMORY_GROWTH_LIMIT_BYTES = 64 * 1024**2
UNAUTHENTICATED_LIMIT = 16
AUTHENTICATION_LIMIT_S = 5.0


class RemoteBridge(BridgeProcess):
    """Listens on TCP, beside its socket."""

    def __init__(self) -> None:
        super().__init__()
        self.port = find_two_ports()
        self.token_path = self.folder / "token"
        self.token_path.write_text(TOKEN + "\n")
        self.token_path.chmod(0o600)
        self.extra: list[str] = []

    def command_line(self) -> list[str]:
        listen = ["--listen", f"127.0.0.1:{self.port}", "--token-file", str(self.token_path)]
        return [*super().command_line(), *listen, *self.extra]

    def open(self, port: int | None = None) -> TcpClient:
        client = TcpClient(socket.create_connection(("127.0.0.1", port or self.port), timeout=PATIENCE_S))
        self._clients.append(client)
        return client

    def enter(self, port: int | None = None) -> TcpClient:
        client = self.open(port)
        assert client.ask("authenticate", token=TOKEN) == {"wireVersion": 1}
        return client


class TcpClient(Client):
    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._file = connection.makefile("rb")
        self._last_id = 0

    def is_closed(self) -> bool:
        try:
            return self.receive_message() is None
        except ConnectionError:
            return True


def find_two_ports() -> int:
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
                return int(port)
            except (OSError, OverflowError):
                continue


@pytest.fixture(scope="module")
def shared() -> Iterator[RemoteBridge]:
    process = RemoteBridge()
    try:
        process.start()
        yield process
    finally:
        process.remove()


@pytest.fixture
def own() -> Iterator[RemoteBridge]:
    process = RemoteBridge()
    try:
        yield process
    finally:
        process.remove()


@pytest.fixture(params=[0, 1], ids=["wire", "stop"])
def port(request: Any, shared: RemoteBridge) -> int:
    return shared.port + int(request.param)


def test_who_says_the_token_gets_the_same_wire(shared: RemoteBridge) -> None:
    assert shared.enter().ask("hello") == shared.connect().ask("hello")


@pytest.mark.parametrize(
    "line",
    [
        b'{"jsonrpc":"2.0","id":1,"method":"hello","params":{}}',
        b'{"jsonrpc":"2.0","id":1,"method":"stop.all","params":{"by":"eve","reason":"x"}}',
        b'{"jsonrpc":"2.0","id":1,"method":"authenticate"}',
        b'{"jsonrpc":"2.0","id":1,"method":"authenticate","params":{"token":7}}',
        b'{"jsonrpc":"2.0","id":1,"method":"authenticate","params":{"token":""}}',
        b'{"jsonrpc":"2.0","id":1,"method":"authenticate","params":{"token":"' + TOKEN[:-1].encode() + b'x"}}',
        b'{"jsonrpc":"2.0","id":1,"method":"authenticate","params":{"token":"' + TOKEN[:-1].encode() + b'"}}',
        b'{"jsonrpc":"2.0","id":1,"method":"authenticate","params":{"token":"\\ud800"}}',
        b"GET / HTTP/1.1\r",
        b"\xff\x00\xfe",
        b"[" * 1000,
        b"",
    ],
    ids=lambda value: repr(value)[:60],
)
def test_anything_else_is_refused_and_closed(shared: RemoteBridge, port: int, line: bytes) -> None:
    client = shared.open(port)
    client.send_line(line)
    assert client.receive_message()["error"]["data"]["code"] == "UNAUTHORISED"
    assert client.is_closed()
    assert shared.connect().ask("hello")["stopAll"]["isStopped"] is False


def test_what_follows_a_wrong_token_in_the_same_packet_is_never_read(shared: RemoteBridge) -> None:
    client = shared.open()
    wrong = {"jsonrpc": "2.0", "id": 1, "method": "authenticate", "params": {"token": "x" * 64}}
    right = {**wrong, "id": 2, "params": {"token": TOKEN}}
    client.send_line(b"\n".join(json.dumps(each).encode() for each in (wrong, right)))
    assert client.receive_message()["id"] == 1
    assert client.is_closed()


def test_who_says_nothing_is_let_go(shared: RemoteBridge, port: int) -> None:
    client = shared.open(port)
    assert _read_refusals(client) in ([], ["UNAUTHORISED"])


def test_who_says_it_drop_by_drop_is_let_go(shared: RemoteBridge, port: int) -> None:
    client = shared.open(port)
    giving_up = time.monotonic() + PATIENCE_S
    with pytest.raises(OSError):
        while time.monotonic() < giving_up:
            client.send_piece(b"x")
            time.sleep(0.2)
    assert time.monotonic() < giving_up


def test_a_gigabyte_without_an_end_is_not_gathered(shared: RemoteBridge, port: int) -> None:
    before = _read_memory_bytes(shared.pid)
    client = shared.open(port)
    piece = b"x" * 1024**2
    with pytest.raises(OSError):
        for _ in range(GIGABYTE // len(piece)):
            client.send_piece(piece)
    assert _read_memory_bytes(shared.pid) - before < MEMORY_GROWTH_LIMIT_BYTES
    assert shared.enter().ask("hello")["pid"] == shared.pid


def test_silent_ones_keep_nobody_out_for_long(shared: RemoteBridge, port: int) -> None:
    inside = shared.enter()
    silent = [shared.open(port) for _ in range(UNAUTHENTICATED_LIMIT + 4)]
    # Who is in, and who comes by the socket, feels nothing of it.
    assert inside.ask("hello")["pid"] == shared.connect().ask("hello")["pid"] == shared.pid
    for client in silent:
        _read_refusals(client)
    assert shared.enter(port) is not None


def test_silent_ones_keep_nobody_out_at_all(shared: RemoteBridge, port: int) -> None:
    # More than there are places, before any of them has been silent for long.
    silent = [shared.open(port) for _ in range(3 * UNAUTHENTICATED_LIMIT)]
    began = time.monotonic()
    client = shared.enter(port)
    assert client.ask("hello" if port == shared.port else "stop.status") is not None
    assert time.monotonic() - began < AUTHENTICATION_LIMIT_S
    for each in silent:
        each.close()


def test_two_clients_share_a_command_and_a_third_attaches_after_the_link_was_cut(own: RemoteBridge) -> None:
    own.start()
    first, second = own.enter(), own.enter()
    spec = read_demo_workcell("CountingSTARChatterboxBackend", tape_file=str(own.tape_path), motion_s=1.0)
    assert first.ask("workcell.apply", spec=spec) == {"changed": True}
    command = make_command(1, "pick_up_tips", {"tip_spots": [at_item("tips_1", "A1")], "use_channels": [0]})
    first.send("command.run", **command)
    wait_for_phase(second, command["id"], "sent")
    waiting = second.send("command.run", **command)
    first.close()
    third = own.enter().ask("command.run", **command)
    assert third["status"] == "completed"
    assert second.receive(waiting) == third
    assert own.read_tape().count("pick_up_tips") == 1


def test_stop_all_and_its_release(own: RemoteBridge) -> None:
    own.start()
    stop = own.enter(own.port + 1)
    assert stop.ask("stop.all", by="ada", reason="smoke")["isStopped"]
    client = own.enter()
    client.ask("workcell.apply", spec=read_demo_workcell())
    with pytest.raises(Refused) as refused:
        client.ask("command.run", **make_command(1, "pick_up_tips", {"tip_spots": [at_item("tips_1", "A1")], "use_channels": [0]}))
    assert refused.value.code == "STOPPED_ALL"
    with pytest.raises(Refused):
        stop.ask("hello")
    assert stop.ask("stop.release", rev=1, by="ada", reason="aired")["isReleased"]


def test_without_a_socket(own: RemoteBridge) -> None:
    whole = own.command_line
    own.command_line = lambda: [part for part in whole() if part not in ("--socket", own.socket_path)]  # type: ignore[method-assign]
    own.connect = own.enter  # type: ignore[method-assign, assignment]
    own.start()
    assert not os.path.exists(own.socket_path)
    os.kill(own.pid, signal.SIGTERM)
    assert own.wait() == 0


@pytest.mark.parametrize(
    ("mode", "text", "words"),
    [
        (0o644, TOKEN, "chmod 600"),
        (0o640, TOKEN, "chmod 600"),
        (0o600, "short", "32 to 512"),
        (0o600, "", "32 to 512"),
        (0o600, f"{TOKEN}\n{TOKEN}", "one line"),
    ],
)
def test_a_token_that_is_none_is_refused_at_the_start(own: RemoteBridge, mode: int, text: str, words: str) -> None:
    own.token_path.write_text(text)
    own.token_path.chmod(mode)
    assert words in _start_in_vain(own)


def test_a_missing_token_file_or_a_taken_port_is_told_at_the_start(own: RemoteBridge) -> None:
    with socket.create_server(("127.0.0.1", own.port + 1)):
        assert f"can't listen on 127.0.0.1:{own.port + 1}" in _start_in_vain(own)
    own.token_path.unlink()
    assert "can't be read" in _start_in_vain(own)


def test_the_token_is_never_logged(shared: RemoteBridge) -> None:
    shared.enter()
    assert TOKEN not in shared.read_log()
    with open(f"/proc/{shared.pid}/cmdline") as file:
        assert TOKEN not in file.read()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
def test_under_tls_both_ports_speak_it_and_plain_ones_are_let_go(own: RemoteBridge) -> None:
    certificate, key = own.folder / "certificate.pem", own.folder / "key.pem"
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    subprocess.run(
        [*request, "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate], check=True, capture_output=True
    )
    own.extra = ["--tls-certificate", str(certificate), "--tls-key", str(key)]
    own.start()
    context = ssl.create_default_context(cafile=str(certificate))
    for port, method in ((own.port, "hello"), (own.port + 1, "stop.status")):
        plain = own.open(port)
        plain.send_line(b'{"jsonrpc":"2.0","id":1,"method":"authenticate","params":{}}')
        with pytest.raises((AssertionError, ValueError, OSError)):
            assert plain.receive_message() is not None
        client = TcpClient(
            context.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S), server_hostname="127.0.0.1")
        )
        assert client.ask("authenticate", token=TOKEN) == {"wireVersion": 1}
        assert client.ask(method)
        client.close()


def _start_in_vain(bridge: RemoteBridge) -> str:
    ended = subprocess.run(
        bridge.command_line(),
        env={**os.environ, "PYTHONPATH": str(_BRIDGE)},
        capture_output=True,
        timeout=PATIENCE_S,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert TOKEN not in ended.stderr
    return ended.stderr


def _read_refusals(client: TcpClient) -> list[str]:
    """Until the bridge closes."""
    codes = []
    try:
        while (message := client.receive_message()) is not None:
            codes.append(message["error"]["data"]["code"])
    except ConnectionError:
        pass
    return codes


def _read_memory_bytes(pid: int) -> int:
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


_BRIDGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
