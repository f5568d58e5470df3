"""The wire against garbage: a defined error, a closed connection, a bridge that lives."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from bridge_process import BridgeProcess, Refused, make_command


@pytest.fixture(scope="module")
def shared() -> Iterator[BridgeProcess]:
    process = BridgeProcess()
    try:
        process.start()
        yield process
    finally:
        process.remove()


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"not json", "MALFORMED_JSON"),
        (b"", "MALFORMED_JSON"),
        (b"\xff\xfe\x00", "MALFORMED_JSON"),
        (b'{"jsonrpc":"2.0","id":1,"method":"hello","params":{"x":NaN}}', "MALFORMED_JSON"),
        (b'{"jsonrpc":"2.0","id":1,"method":"hello","params":{"x":1e999}}', "MALFORMED_JSON"),
        (b'{"jsonrpc":"2.0","id":1,"method":"hello","params":{"x":' + b"[" * 70 + b"]" * 70 + b"}}", "MALFORMED_JSON"),
        (b"[" * 100_000, "MALFORMED_JSON"),
        (b"9" * 10_000, "MALFORMED_JSON"),
        (b"x" * (9 * 1024 * 1024), "LINE_TOO_LONG"),
        (b"[]", "INVALID_REQUEST"),
        (b'{"jsonrpc":"2.0","method":"hello"}', "INVALID_REQUEST"),
        (b'{"jsonrpc":"2.0","id":true,"method":"hello"}', "INVALID_REQUEST"),
        (b'{"jsonrpc":"2.0","id":1,"method":"hello","params":[]}', "INVALID_REQUEST"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_garbage_ends_its_connection_only(shared: BridgeProcess, line: bytes, code: str) -> None:
    other = shared.connect()
    client = shared.connect()
    try:
        client.send_line(line)
    except ConnectionError:
        pass  # The bridge may close before the whole line has left; its answer is still there to read.
    assert client.receive_message()["error"]["data"]["code"] == code
    assert _read_end(client)
    assert other.ask("hello")["pid"] == shared.pid


def test_mutated_requests_never_end_the_bridge(shared: BridgeProcess) -> None:
    seeded = random.Random(20)
    whole = b'{"jsonrpc":"2.0","id":1,"method":"command.status","params":{"id":"r1/a/1/0"}}'
    client = shared.connect()
    for _ in range(300):
        line = bytearray(whole)
        for _ in range(seeded.randint(1, 4)):
            line[seeded.randrange(len(line))] = seeded.choice(b'{}[]",:\\0a\xff')
        try:
            client.send_line(bytes(line).replace(b"\n", b" "))
            message = client.receive_message()
        except ConnectionError:
            message = None
        if message is None or message["id"] is None:
            client = shared.connect()
    assert shared.connect().ask("hello")["pid"] == shared.pid


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("nothing", {}),
        ("__init__", {}),
        ("command.status", {}),
        ("command.status", {"id": 1}),
        ("command.status", {"id": "\ud800"}),
        ("command.run", {**make_command(1, "aspirate", {}), "fence": -1}),
        ("command.run", {**make_command(1, "aspirate", {}), "arguments": []}),
        ("journal.read", {"after": 0, "limit": 0, "waitMs": 0}),
        ("journal.read", {"after": 0, "limit": 1, "waitMs": 30_001}),
        ("workcell.apply", {"spec": {"name": "x"}}),
        ("shutdown", {"deadlineMs": -1}),
        ("run.hold", {"runId": "r1", "rev": "1", "isHeld": True}),
        ("command.run", {**make_command(1, "aspirate", {}), "isShielded": "yes"}),
        ("machine.connect", {"machine": "star"}),
    ],
)
def test_refuses_parameters_that_do_not_fit(shared: BridgeProcess, method: str, params: dict[str, object]) -> None:
    client = shared.connect()
    with pytest.raises(Refused) as refused:
        client.ask(method, **params)
    assert refused.value.code == "INVALID_REQUEST"
    assert client.ask("hello")["pid"] == shared.pid


def test_reading_the_journal_waits_for_the_next_row(shared: BridgeProcess) -> None:
    reader, writer = shared.connect(), shared.connect()
    last_row = reader.ask("hello")["lastRow"]
    assert reader.ask("journal.read", after=last_row, limit=10, waitMs=20)["rows"] == []
    reading = reader.send("journal.read", after=last_row, limit=10, waitMs=30_000)
    writer.ask("command.run", **make_command(1, "aspirate", {}, machine="nowhere"))
    rows = reader.receive(reading)["rows"]
    assert [(row["row"], row["kind"]) for row in rows] == [(last_row + 1, "END")]


def _read_end(client: object) -> bool:
    try:
        return client.receive_message() is None  # type: ignore[attr-defined]
    except ConnectionError:
        return True


def test_cuts_off_an_endless_line_without_keeping_it(shared: BridgeProcess) -> None:
    piece, line_bytes = b"x" * (1024 * 1024), 1024 * 1024 * 1024
    before_kib = _read_memory_kib(shared.pid)
    client = shared.connect()
    sent_bytes = 0
    try:
        while sent_bytes < line_bytes:
            client.send_piece(piece)
            sent_bytes += len(piece)
    except ConnectionError:
        pass  # Cut off, which is the point.
    assert sent_bytes < 64 * 1024 * 1024
    assert client.receive_message()["error"]["data"]["code"] == "LINE_TOO_LONG"
    assert _read_memory_kib(shared.pid) - before_kib < 64 * 1024
    assert shared.connect().ask("hello")["pid"] == shared.pid


def _read_memory_kib(pid: int) -> int:
    """The most memory that the process ever had resident."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])
