"""Commands in doubt: deadlines, what is known, intervals for volumes, statements down to channels; the device simulator
holds the truth against which they are judged.
"""

from __future__ import annotations

import time
from typing import Any

import pytest
from bridge_process import REPLY_TIMEOUT_S, Refused, at_item
from device_lab import DeviceLab

DEADLINE_MS = 300
WELLS = ("A1", "B1")
SPOTS = {"tip_spots": [at_item("tips_1", well) for well in WELLS]}
DRAW = {"resources": [at_item("plate_1", well) for well in WELLS], "vols": [50, 30]}
VOLUME_UL = 200


def _start(lab: DeviceLab, fault_at: str | None = None) -> None:
    lab.start(fault_at, machines=["star"])
    lab.do("star", "pick_up_tips", **SPOTS)


def _run_late(lab: DeviceLab, method: str, arguments: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    command = {**lab.make_command("star", method, arguments), "deadlineMs": DEADLINE_MS}
    return command, lab.client.ask("command.run", **command)


def _resolve(lab: DeviceLab, command: dict[str, Any], happened: str, **more: Any) -> Any:
    statement = {"requestId": "q1", "id": command["id"], "happened": happened, "corrections": [], "by": "ada", "note": ""}
    return lab.client.ask("command.resolve", **{**statement, **more})


def _read_state(lab: DeviceLab) -> Any:
    return lab.client.ask("state.read")["resources"]


def _read_wells(lab: DeviceLab) -> list[tuple[float, Any]]:
    state = _read_state(lab)
    return [(state[f"plate_1_well_{well}"]["volumeUl"], state[f"plate_1_well_{well}"].get("volumeRangeUl")) for well in WELLS]


def _read_true_wells(lab: DeviceLab) -> list[float]:
    physics = lab.devices.control("physics.read")
    return [physics["wells"].get(f"plate_1:{well}", VOLUME_UL) for well in WELLS]


def _require_truth_inside(lab: DeviceLab) -> None:
    """Every well: the truth lies in the interval, or is what is tracked where there is none."""
    for (tracked, interval), truth in zip(_read_wells(lab), _read_true_wells(lab)):
        least, most = (tracked, tracked) if interval is None else (interval["min"], interval["max"])
        assert least - 0.01 <= truth <= most + 0.01, (tracked, interval, truth)


def _list_rows(lab: DeviceLab, kind: str) -> list[dict[str, Any]]:
    rows = lab.client.ask("journal.read", after=0, limit=1000, waitMs=0)["rows"]
    return [row["body"] for row in rows if row["kind"] == kind]


def _wait_for_row(lab: DeviceLab, kind: str) -> dict[str, Any]:
    deadline = time.monotonic() + REPLY_TIMEOUT_S
    while not _list_rows(lab, kind):
        assert time.monotonic() < deadline, f"no row {kind}"
        time.sleep(0.02)
    return _list_rows(lab, kind)[-1]


def test_a_driver_that_never_answers_puts_its_command_in_doubt_and_the_machine_waits(lab: DeviceLab) -> None:
    _start(lab)
    fault = lab.devices.add_fault("hang", device="star", op="aspirate")
    command, outcome = _run_late(lab, "aspirate", DRAW)
    assert lab.devices.count_fired(fault) == 1
    assert (outcome["status"], outcome["error"]["code"]) == ("uncertain", "UNCERTAIN")
    assert "the driver of star still runs" in outcome["error"]["message"]
    facts = outcome["error"]["details"]
    assert facts["asked"]["method"] == "aspirate"
    assert facts["sent"] == {"steps": 1, "stepsEnded": 0, "writes": outcome["sends"], "lastStepMethod": "aspirate", "driver": "running"}
    assert facts["likely"]["wells"]["plate_1:A1"] == {"beforeUl": 200, "ifDoneUl": 150, "min": 150, "max": 200}
    assert facts["likely"]["channels"]["1"]["ifDone"] == {"tip": "tips_1_tipspot_B1", "volumeUl": 30}
    assert _read_wells(lab) == [(200, {"min": 150, "max": 200}), (200, {"min": 170, "max": 200})]
    assert lab.client.ask("command.run", **command) == outcome
    with pytest.raises(Refused) as refused:
        lab.run("star", "aspirate", **DRAW)
    assert refused.value.code == "RUN_HELD"
    # What a person says ends the doubt, and the driver's hold on the machine.
    _resolve(lab, command, "not-done")
    assert _read_wells(lab) == [(200, None), (200, None)]
    lab.do("star", "aspirate", **DRAW)
    assert [tracked for tracked, _ in _read_wells(lab)] == _read_true_wells(lab) == [150, 170]
    assert lab.list_acts("star").count("aspirate") == 1


def test_a_driver_that_answers_too_late_is_noted_and_decides_nothing(lab: DeviceLab) -> None:
    _start(lab)
    lab.devices.add_fault("late-reply", device="star", op="aspirate", delayMs=4 * DEADLINE_MS)
    command, outcome = _run_late(lab, "aspirate", DRAW)
    assert outcome["status"] == "uncertain"
    late = _wait_for_row(lab, "LATE")
    assert (late["commandId"], late["outcome"]["status"]) == (command["id"], "completed")
    assert late["sensors"]["tipPresence"][:3] == [True, True, False]
    assert lab.client.ask("command.run", **command) == outcome
    assert _read_wells(lab) == [(200, {"min": 150, "max": 200}), (200, {"min": 170, "max": 200})]
    _require_truth_inside(lab)
    lab.restart_bridge()
    _require_truth_inside(lab)
    _resolve(lab, command, "done")
    assert _read_wells(lab) == [(150, None), (170, None)]
    lab.do("star", "dispense", **DRAW)
    assert _read_true_wells(lab) == [200, 200]


def test_a_command_in_a_block_has_its_own_deadline(lab: DeviceLab) -> None:
    _start(lab)
    lab.devices.add_fault("hang", device="star", op="dispense")
    block = [{**lab.make_command("star", method, DRAW), "deadlineMs": 100 * DEADLINE_MS} for method in ("aspirate", "dispense", "aspirate")]
    block[1]["deadlineMs"] = DEADLINE_MS
    outcomes = lab.client.ask("block.run", commands=block)["outcomes"]
    assert [outcome["status"] for outcome in outcomes] == ["completed", "uncertain"]
    _require_truth_inside(lab)


@pytest.mark.parametrize("mode", ["part-silent", "lose-reply", "drop-connection"])
def test_the_truth_lies_in_the_interval_also_over_later_commands_and_restarts(lab: DeviceLab, mode: str) -> None:
    _start(lab)
    lab.devices.add_fault(mode, device="star", op="aspirate", fraction=0.4)
    command = lab.make_command("star", "aspirate", DRAW)
    outcome = lab.client.ask("command.run", **command)
    assert outcome["status"] == "uncertain"
    assert outcome["error"]["details"]["sent"]["driver"] == "returned"
    _require_truth_inside(lab)
    # Somebody looks, says nothing of the volumes, and goes on.
    lab.client.ask("machine.release", machine="star", note="looked")
    lab.do("star", "dispense", resources=[at_item("plate_1", "A1")], vols=[0])
    lab.do("star", "aspirate", resources=[at_item("plate_1", "A1")], vols=[10])
    assert _read_wells(lab)[0] == (190, {"min": 140, "max": 190})
    _require_truth_inside(lab)
    lab.restart_bridge()
    _require_truth_inside(lab)
    assert _read_wells(lab)[1] == (200, {"min": 170, "max": 200})
    lab.client.ask("labware.replace", requestId="fresh", runId=None, labware=["plate_1"], fence=1)
    assert [interval for _, interval in _read_wells(lab)] == [None, None]


@pytest.mark.parametrize(("fault_at", "is_there"), [("after-sent:1", False), ("before-end:1", True)])
def test_after_a_crash_the_sensors_say_whether_tips_are_there(lab: DeviceLab, fault_at: str, is_there: bool) -> None:
    lab.start(fault_at, machines=["star"])
    command = lab.make_command("star", "pick_up_tips", SPOTS)
    lab.client.send("command.run", **command)
    assert lab.bridge.wait() == 137, "the fault point was not reached"
    acts = lab.list_acts("star")
    lab.start_bridge()
    facts = lab.client.ask("command.run", **command)["error"]["details"]
    assert facts["sent"] == {"steps": 1, "stepsEnded": 0, "writes": None, "lastStepMethod": "pick_up_tips", "driver": "gone"}
    assert facts["likely"]["channels"]["0"] == {
        "before": None,
        "ifDone": {"tip": "tips_1_tipspot_A1", "volumeUl": 0},
        "sensedTip": is_there,
    }
    assert facts["likely"]["spots"]["tips_1:B1"] == {"before": True, "ifDone": False}
    assert lab.list_acts("star") == acts, "looking moved something"


def test_a_person_states_what_each_channel_did(lab: DeviceLab) -> None:
    _start(lab)
    lab.devices.add_fault("hang", device="star", op="aspirate")
    command, _ = _run_late(lab, "aspirate", DRAW)
    delta = _resolve(lab, command, "partly", channels=[{"channel": 0, "happened": "done"}, {"channel": 1, "happened": "not-done"}])["delta"]
    assert _read_wells(lab) == [(150, None), (200, None)]
    assert {channel: tip["volumeUl"] for channel, tip in _read_state(lab)["star"]["head"].items()} == {"0": 50, "1": 0}
    assert delta["plate_1_well_A1"]["volumeUl"] == 150
    assert _list_rows(lab, "RESOLVE")[-1]["channels"] == [{"channel": 0, "happened": "done"}, {"channel": 1, "happened": "not-done"}]


DONE_0, NOT_DONE_0, DONE_1 = (
    {"channel": 0, "happened": "done"},
    {"channel": 0, "happened": "not-done"},
    {"channel": 1, "happened": "done"},
)


def test_statements_that_contradict_themselves_are_refused_and_change_nothing(lab: DeviceLab) -> None:
    _start(lab)
    lab.devices.add_fault("hang", device="star", op="aspirate")
    command, _ = _run_late(lab, "aspirate", DRAW)
    before = _read_state(lab)
    for happened, channels, told in (
        ("partly", [DONE_0], "Nothing is said of channel 1"),
        ("partly", [DONE_0, NOT_DONE_0, DONE_1], "Channel 0 is stated twice"),
        ("partly", [DONE_0, DONE_1, {"channel": 5, "happened": "done"}], "did not use channel 5"),
        ("done", [DONE_0, DONE_1], "state it as partly"),
        ("not-done", [NOT_DONE_0], "state it as partly"),
        ("partly", [], "needs its channels or a correction"),
    ):
        with pytest.raises(Refused) as refused:
            _resolve(lab, command, happened, channels=channels)
        assert refused.value.code == "BAD_STATEMENT" and told in str(refused.value)
    too_much = [{"labware": "plate_1", "item": "A1", "volumeUl": 1e6}]
    with pytest.raises(Refused) as refused:
        _resolve(lab, command, "partly", channels=[DONE_0, DONE_1], corrections=too_much)
    assert refused.value.code == "BAD_STATEMENT"
    assert _read_state(lab) == before
    _resolve(lab, command, "partly", channels=[DONE_0, DONE_1])
    assert _read_wells(lab) == [(150, None), (170, None)]


def _die_setting_a_temperature(lab: DeviceLab) -> dict[str, Any]:
    lab.start("after-sent", machines=["heater_shaker"])
    command = lab.make_command("heater_shaker", "set_temperature", {"temperature": 40})
    lab.client.send("command.run", **command)
    assert lab.bridge.wait() == 137, "the fault point was not reached"
    return command


def test_a_command_that_sets_a_state_is_sent_again_after_a_look_and_only_when_asked_for(lab: DeviceLab) -> None:
    command = _die_setting_a_temperature(lab)
    lab.start_bridge()
    other = lab.client.send("command.run", **lab.make_command("heater_shaker", "deactivate", {}))
    assert lab.list_acts("heater_shaker") == []
    # Another client asks for it again; whoever came meanwhile has waited behind it.
    outcome = lab.bridge.connect().ask("command.run", **command)
    assert outcome["status"] == "completed"
    assert lab.client.receive(other)["status"] == "completed"
    assert lab.list_acts("heater_shaker") == ["set_temperature", "deactivate"]
    sent = [row for row in _list_rows(lab, "SENT") if row["command"]["method"] == "set_temperature"]
    assert ["repeat" in row for row in sent] == [False, True]
    assert isinstance(sent[1]["repeat"]["sensors"]["temperatureC"], (int, float))


def test_a_command_that_sets_a_state_is_in_doubt_where_the_machine_does_not_answer(lab: DeviceLab) -> None:
    command = _die_setting_a_temperature(lab)
    lab.devices.kill()
    lab.start_bridge()
    outcome = lab.client.ask("command.run", **command)
    assert outcome["status"] == "uncertain"
    assert "unanswered" in outcome["error"]["details"]["sensors"]["temperatureC"]


@pytest.mark.parametrize(
    ("mode", "happened"), [("lose-reply", "done"), ("drop-connection", "not-done"), ("lose-reply", "not-done"), ("drop-connection", "done")]
)
def test_a_statement_counts_from_before_the_command_whatever_the_front_end_made_of_its_sensors(
    lab: DeviceLab, mode: str, happened: str
) -> None:
    """PyLabRobot takes a pick-up for done as soon as its sensor feels a tip, and then could not do it once more."""
    lab.start(machines=["star"])
    lab.devices.add_fault(mode, device="star", op="pick_up_tips")
    command = lab.make_command("star", "pick_up_tips", SPOTS)
    outcome = lab.client.ask("command.run", **command)
    assert outcome["status"] == "uncertain"
    sensed = mode == "lose-reply"
    likely = outcome["error"]["details"]["likely"]
    assert [likely["channels"][channel]["sensedTip"] for channel in ("0", "1")] == [sensed, sensed]
    assert likely["channels"]["0"] == {"before": None, "ifDone": {"tip": "tips_1_tipspot_A1", "volumeUl": 0}, "sensedTip": sensed}
    assert sorted(_read_state(lab)["star"]["head"]) == (["0", "1"] if sensed else [])
    _resolve(lab, command, happened)
    held = ["0", "1"] if happened == "done" else []
    for _ in range(2):
        state = _read_state(lab)
        assert sorted(state["star"]["head"]) == held
        assert [state[f"tips_1_tipspot_{well}"]["tip"] is None for well in WELLS] == [happened == "done"] * 2
        lab.restart_bridge()


@pytest.mark.parametrize("happened", ["done", "not-done"])
def test_a_drop_whose_reply_was_lost_is_stated_from_before_it(lab: DeviceLab, happened: str) -> None:
    _start(lab)
    lab.devices.add_fault("lose-reply", device="star", op="drop_tips")
    command = lab.make_command("star", "drop_tips", SPOTS)
    assert lab.client.ask("command.run", **command)["status"] == "uncertain"
    assert _read_state(lab)["star"]["head"] == {}
    _resolve(lab, command, happened)
    assert sorted(_read_state(lab)["star"]["head"]) == ([] if happened == "done" else ["0", "1"])
    assert [_read_state(lab)[f"tips_1_tipspot_{well}"]["tip"] is not None for well in WELLS] == [happened == "done"] * 2
