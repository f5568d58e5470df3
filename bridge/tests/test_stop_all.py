"""Stop all: nothing begins after its acknowledgement, whatever blocks the bridge, until a person lifts it."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from typing import Any

import pytest
from bridge_process import BridgeProcess, Client, Refused, at_item, make_command, read_demo_workcell, wait_for_phase

from praxis_bridge.serving.stop_listener import CONNECTIONS_LIMIT, to_stop_socket

MOTION_S = 0.4
LONG_S = 600.0
TIP_A1 = {"tip_spots": [at_item("tips_1", "A1")]}
PICK_UP = make_command(1, "pick_up_tips", TIP_A1)
DROP = make_command(2, "drop_tips", TIP_A1)


class BlockedBridge(BridgeProcess):
    module = "blocking_backend"


class HardwareBridge(BridgeProcess):
    module = "bridge_with_faulty_backend"


def _start(bridge: BridgeProcess, backend: str = "CountingSTARChatterboxBackend", **more: Any) -> Client:
    bridge.start()
    client = bridge.connect()
    client.ask("workcell.apply", spec=read_demo_workcell(backend, tape_file=str(bridge.tape_path), **more))
    return client


def _stopper(bridge: BridgeProcess) -> Client:
    return Client(to_stop_socket(bridge.socket_path))


def _stop(bridge: BridgeProcess, by: str = "ada", reason: str = "smoke") -> dict[str, Any]:
    client = _stopper(bridge)
    try:
        return dict(client.ask("stop.all", by=by, reason=reason))
    finally:
        client.close()


def _release(bridge: BridgeProcess, rev: int) -> bool:
    return bool(_stopper(bridge).ask("stop.release", rev=rev, by="ada", reason="it was steam")["isReleased"])


def _refusal(client: Client, command: dict[str, Any]) -> str:
    with pytest.raises(Refused) as refused:
        client.ask("command.run", **command)
    return str(refused.value.code)


def _read_rows(bridge: BridgeProcess) -> list[tuple[str, str]]:
    journal = sqlite3.connect(f"file:{bridge.journal_path}?mode=ro", uri=True)
    try:
        return journal.execute("SELECT kind, body FROM rows ORDER BY row").fetchall()
    finally:
        journal.close()


def test_refuses_every_command_until_it_is_released(bridge: BridgeProcess) -> None:
    client = _start(bridge)
    stopped = _stop(bridge)
    assert {key: stopped[key] for key in ("isStopped", "rev", "by", "reason", "isJournaled", "running")} == {
        "isStopped": True,
        "rev": 1,
        "by": "ada",
        "reason": "smoke",
        "isJournaled": True,
        "running": [],
    }
    assert _refusal(client, PICK_UP) == "STOPPED_ALL"
    assert _refusal(client, {**PICK_UP, "isShielded": True}) == "STOPPED_ALL", "cleanups move machines too"
    assert client.ask("block.run", commands=[PICK_UP, DROP]) == {"outcomes": [], "isHeld": True}
    assert client.ask("command.status", id=PICK_UP["id"])["phase"] == "never-seen"
    assert client.ask("hello")["stopAll"]["isStopped"] is True
    assert bridge.read_tape() == []
    assert _release(bridge, 1)
    assert client.ask("command.run", **PICK_UP)["status"] == "completed"
    assert bridge.read_tape() == ["pick_up_tips"]


def test_outlives_the_bridge(bridge: BridgeProcess) -> None:
    _start(bridge)
    _stop(bridge, "ada", "smoke")
    bridge.kill()
    bridge.start()
    client = bridge.connect()
    assert _refusal(client, PICK_UP) == "STOPPED_ALL"
    assert _stopper(bridge).ask("stop.status")["reason"] == "smoke"


def test_a_release_lifts_no_stop_that_its_person_has_not_seen(bridge: BridgeProcess) -> None:
    client = _start(bridge)
    seen = _stop(bridge, "ada", "smoke")["rev"]
    unseen = _stop(bridge, "bob", "a hand is in there")
    assert not _release(bridge, seen), "bob has stopped everything since; look again before you release it"
    assert _refusal(client, PICK_UP) == "STOPPED_ALL"
    assert _stopper(bridge).ask("stop.status")["by"] == "bob"
    assert _release(bridge, unseen["rev"])
    assert client.ask("command.run", **PICK_UP)["status"] == "completed"


def test_who_reads_the_journal_hears_of_stop_and_release_at_once(bridge: BridgeProcess) -> None:
    client = _start(bridge)
    for change, is_stopped in ((_stop, True), (lambda each: _release(each, 1), False)):
        waiting = client.send("journal.read", after=client.ask("hello")["lastRow"], limit=9, waitMs=30_000)
        client.ask("hello")
        change(bridge)
        began = time.monotonic()
        rows = client.receive(waiting)["rows"]
        assert [(row["kind"], row["body"]["isStopped"]) for row in rows] == [("STOP_ALL", is_stopped)]
        assert time.monotonic() - began < 20, "woken, and not at the end of its wait"


def test_only_the_release_of_this_stop_lifts_it(bridge: BridgeProcess) -> None:
    client = _start(bridge)
    first = _stop(bridge)["rev"]
    assert _release(bridge, first)
    second = _stop(bridge)["rev"]
    assert second > first
    assert not _release(bridge, first), "a belated release must not lift a later stop"
    assert _refusal(client, PICK_UP) == "STOPPED_ALL"
    assert _release(bridge, second)
    assert not _release(bridge, second)
    assert client.ask("command.run", **PICK_UP)["status"] == "completed"


def test_the_motion_under_way_ends_and_the_queued_one_waits(bridge: BridgeProcess) -> None:
    client = _start(bridge, motion_s=MOTION_S)
    other = bridge.connect()
    running, queued = client.send("command.run", **PICK_UP), other.send("command.run", **DROP)
    wait_for_phase(bridge.connect(), PICK_UP["id"], "sent")
    assert _stop(bridge)["running"] == [{"id": PICK_UP["id"], "machine": "star", "method": "pick_up_tips", "canStop": False}]
    assert client.receive(running)["status"] == "completed"
    with pytest.raises(Refused) as refused:
        other.receive(queued)
    assert refused.value.code == "STOPPED_ALL"
    assert bridge.read_tape() == ["pick_up_tips"]
    assert _release(bridge, 1)
    assert client.ask("command.run", **DROP)["status"] == "completed"
    assert bridge.read_tape() == ["pick_up_tips", "drop_tips"]


def test_a_block_stands_still_between_two_commands_and_goes_on_where_it_was(bridge: BridgeProcess) -> None:
    client = _start(bridge, motion_s=MOTION_S)
    commands = [PICK_UP, DROP]
    block = client.send("block.run", commands=commands)
    wait_for_phase(bridge.connect(), PICK_UP["id"], "sent")
    _stop(bridge)
    reply = client.receive(block)
    assert ([outcome["status"] for outcome in reply["outcomes"]], reply["isHeld"]) == (["completed"], True)
    _release(bridge, 1)
    again = client.ask("block.run", commands=commands)
    assert [outcome["status"] for outcome in again["outcomes"]] == ["completed", "completed"]
    assert bridge.read_tape() == ["pick_up_tips", "drop_tips"]


def test_calls_the_stop_methods_of_all_machines_and_lets_waits_look_on(bridge: BridgeProcess) -> None:
    tape = {"tape_file": str(bridge.tape_path), "motion_s": 0.0}
    machines = [
        ("hs", "HeaterShaker", "HeaterShakerSimulatorBackend", {**tape, "degrees_per_second": 0.001}),
        ("hs2", "HeaterShaker", "HeaterShakerSimulatorBackend", {**tape, "degrees_per_second": 0.001}),
    ]
    keys = ("name", "frontend", "backend", "backendArguments")
    spec = {
        "name": "small",
        "deck": None,
        "labware": [],
        "machines": [{**dict(zip(keys, each)), "mode": "simulation"} for each in machines],
    }
    bridge.start()
    client = bridge.connect()
    client.ask("workcell.apply", spec=spec)
    assert client.ask("command.run", **make_command(1, "set_temperature", {"temperature": 90}, machine="hs2"))["status"] == "completed"
    wait = client.send("command.run", **make_command(2, "wait_for_temperature", {"timeout": LONG_S}, machine="hs2"))
    shake = make_command(3, "shake", {"speed": 300, "duration": LONG_S}, machine="hs")
    shaking = client.send("command.run", **shake)
    wait_for_phase(bridge.connect(), shake["id"], "sent")
    assert sorted(each["machine"] for each in _stop(bridge)["running"]) == ["hs", "hs2"]
    assert client.receive(shaking)["error"]["code"] == "COMMAND_STOPPED"
    assert bridge.read_tape()[-1] == "stop_shaking"
    assert client.ask("hello")["runningCommands"] == ["r1/test/2/0"], "a wait moves nothing and need not fail"
    assert wait is not None


def test_a_driver_that_blocks_the_loop_cannot_keep_it_from_being_set() -> None:
    bridge = BlockedBridge()
    try:
        block = bridge.folder / "block"
        block.touch()
        client = _start(bridge, "BlockingBackend", block_file=str(block))
        other = bridge.connect()
        running, queued = client.send("command.run", **PICK_UP), other.send("command.run", **DROP)
        _wait_for_row(bridge, "SENT")
        stopped = _stop(bridge)
        assert (stopped["isJournaled"], [each["id"] for each in stopped["running"]]) == (True, [PICK_UP["id"]])
        block.unlink()
        assert client.receive(running)["status"] == "completed"
        with pytest.raises(Refused) as refused:
            other.receive(queued)
        assert refused.value.code == "STOPPED_ALL"
        kinds = [kind for kind, _ in _read_rows(bridge)]
        assert kinds[-3:] == ["STOP_ALL", "STEP_END", "END"], "the latch was set while the driver held the loop"
    finally:
        bridge.remove()


def test_a_thread_safe_stop_is_called_beside_a_blocked_loop() -> None:
    bridge = BlockedBridge()
    try:
        bridge.start()
        client = bridge.connect()
        machine = {
            "name": "pump",
            "frontend": "Pump",
            "backend": "BlockingPumpBackend",
            "backendArguments": {"tape_file": str(bridge.tape_path)},
        }
        client.ask("workcell.apply", spec={"name": "small", "deck": None, "labware": [], "machines": [{**machine, "mode": "simulation"}]})
        running = client.send("command.run", **make_command(1, "run_revolutions", {"num_revolutions": 1}, machine="pump"))
        _wait_for_row(bridge, "SENT")
        assert _stop(bridge)["running"][0]["canStop"] is True
        # The motion blocks the loop until its halt is called, which the loop therefore never could.
        assert client.receive(running)["status"] == "stopped"
    finally:
        bridge.remove()


def test_no_row_of_sent_comes_after_the_latch_however_many_run(bridge: BridgeProcess) -> None:
    """Blocks of many short commands, stopped at a random moment from another thread: journal and tape agree on the order."""
    client = _start(bridge)
    commands = [make_command(n, "pick_up_tips" if n % 2 else "drop_tips", TIP_A1) for n in range(1, 2001)]
    block = client.send("block.run", commands=commands)
    _wait_for_row(bridge, "SENT")
    acknowledged_at = []

    def press() -> None:
        _stop(bridge)
        acknowledged_at.append(len(bridge.read_tape()))

    presser = threading.Thread(target=press)
    presser.start()
    presser.join()
    reply = client.receive(block)
    kinds = [kind for kind, _ in _read_rows(bridge)]
    assert "SENT" not in kinds[kinds.index("STOP_ALL") :]
    assert reply["isHeld"] is True and 0 < len(reply["outcomes"]) < len(commands)
    assert len(bridge.read_tape()) == len(reply["outcomes"])
    assert len(bridge.read_tape()) - acknowledged_at[0] <= 1, "at most the motion whose SENT was on disk before"


def test_stops_even_when_the_disk_is_full(bridge: BridgeProcess) -> None:
    client = _start(bridge)
    bridge.limit_files(0)
    assert _stop(bridge)["isJournaled"] is False
    bridge.limit_files()
    assert _refusal(client, PICK_UP) == "STOPPED_ALL"
    pressed = _stop(bridge, "bob")
    assert pressed["isJournaled"] is True, "the next press is written down"
    assert _release(bridge, pressed["rev"])
    assert client.ask("command.run", **PICK_UP)["status"] == "completed"


def test_a_stop_that_a_full_disk_did_not_take_is_written_as_soon_as_there_is_room(bridge: BridgeProcess) -> None:
    client = _start(bridge)
    bridge.limit_files(0)
    stopped = _stop(bridge)
    assert _stopper(bridge).ask("stop.status")["isJournaled"] is False
    bridge.limit_files()
    assert _stopper(bridge).ask("stop.status")["isJournaled"] is True
    rows = [json.loads(body) for kind, body in _read_rows(bridge) if kind == "STOP_ALL"]
    assert [(row["isStopped"], row["rev"]) for row in rows] == [(True, stopped["rev"])], "once, as it was asked for"
    assert _release(bridge, stopped["rev"])
    assert client.ask("command.run", **PICK_UP)["status"] == "completed"


def test_garbage_and_silence_do_not_keep_others_out(bridge: BridgeProcess) -> None:
    client = _start(bridge)
    rude = _stopper(bridge)
    rude.send_line(b"not json")
    with pytest.raises(Refused):
        rude.receive()
    with pytest.raises(Refused) as refused:
        _stopper(bridge).ask("stop.all", by="", reason="")
    assert refused.value.code == "INVALID_REQUEST"
    with pytest.raises(Refused):
        _stopper(bridge).ask("shutdown", deadlineMs=0)
    _stop(bridge)
    assert _refusal(client, PICK_UP) == "STOPPED_ALL"


def test_connecting_moves_axes_and_waits_too() -> None:
    bridge = HardwareBridge()
    try:
        bridge.start()
        client = bridge.connect()
        spec = read_demo_workcell("CountingSTARChatterboxBackend", tape_file=str(bridge.tape_path))
        spec["machines"][0]["mode"] = "hardware"
        client.ask("workcell.apply", spec=spec)
        _stop(bridge)
        with pytest.raises(Refused) as refused:
            client.ask("machine.connect", machine="star", by="ada", note="")
        assert refused.value.code == "STOPPED_ALL"
    finally:
        bridge.remove()


def _start_shaker(bridge: BridgeProcess) -> Client:
    tape = {"tape_file": str(bridge.tape_path), "motion_s": 0.0, "degrees_per_second": 1.0}
    machine = {
        "name": "hs",
        "frontend": "HeaterShaker",
        "backend": "HeaterShakerSimulatorBackend",
        "backendArguments": tape,
        "mode": "simulation",
    }
    bridge.start()
    client = bridge.connect()
    client.ask("workcell.apply", spec={"name": "small", "deck": None, "labware": [], "machines": [machine]})
    return client


def test_aborts_what_runs_on_one_machine_and_says_who(bridge: BridgeProcess) -> None:
    client = _start_shaker(bridge)
    shake = make_command(1, "shake", {"speed": 300, "duration": LONG_S}, machine="hs")
    shaking = client.send("command.run", **shake)
    wait_for_phase(bridge.connect(), shake["id"], "sent")
    aborted = bridge.connect().ask("machine.abort", machine="hs", by="ada", note="too fast")
    assert aborted == {"commands": [shake["id"]], "isStopping": True}
    assert client.receive(shaking)["status"] == "stopped"
    assert bridge.connect().ask("machine.abort", machine="hs", by="ada", note="") == {"commands": [], "isStopping": False}
    rows = [body for kind, body in _read_rows(bridge) if kind == "ABORT"]
    assert len(rows) == 1 and '"by":"ada"' in rows[0].replace(" ", "")


def test_aborts_a_repeat_that_waits_to_be_asked_for_again(bridge: BridgeProcess) -> None:
    client = _start_shaker(bridge)
    shake = make_command(1, "shake", {"speed": 300, "duration": LONG_S}, machine="hs")
    client.send("command.run", **shake)
    wait_for_phase(bridge.connect(), shake["id"], "sent")
    bridge.kill()
    bridge.start()
    aborted = bridge.connect().ask("machine.abort", machine="hs", by="ada", note="it shakes")
    assert aborted == {"commands": [shake["id"]], "isStopping": True}
    # It was sent, and the bridge ended: what it did is in doubt, and it is not sent again.
    assert bridge.connect().ask("command.run", **shake)["status"] == "uncertain"
    kinds = [kind for kind, _ in _read_rows(bridge)]
    assert "SENT" not in kinds[kinds.index("ABORT") :]


def _wait_for_row(bridge: BridgeProcess, kind: str) -> None:
    deadline = time.monotonic() + 30
    while kind not in [each for each, _ in _read_rows(bridge)]:
        assert time.monotonic() < deadline, f"no row {kind} came"
        time.sleep(0.01)


def test_silent_connections_keep_nobody_from_stopping(bridge: BridgeProcess) -> None:
    client = _start(bridge)
    silent = [_stopper(bridge) for _ in range(CONNECTIONS_LIMIT + 8)]
    try:
        assert _stop(bridge)["rev"] == 1
        assert _refusal(client, PICK_UP) == "STOPPED_ALL"
        # The last ones were heard of too late to lose their seats, and are heard now.
        assert silent[-1].ask("stop.status")["isStopped"]
    finally:
        for each in silent:
            each.close()
