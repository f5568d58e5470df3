"""What the state that is known forbids is refused before anything is sent: closed doors, clamps, grips, places out of reach, wells of
a plate that stands elsewhere, tips that are not there. A refusal names what is known, and how to go on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from bridge_process import BridgeProcess, at_item, read_demo_workcell
from test_places import ON_DECK, PLATE, Lab, make_machine, make_reader

PLATE_1, PLATE_2 = {"$ref": "plate_1"}, {"$ref": "plate_2"}
READER = {"$ref": "reader"}
FROM_PLATE_1 = {"resources": [at_item("plate_1", "A1")], "vols": [10]}
TIP = {"tip_spots": [at_item("tips_1", "A1")]}


@pytest.fixture
def lab(bridge: BridgeProcess) -> Iterator[Lab]:
    spec = read_demo_workcell(backend="CountingSTARChatterboxBackend", tape_file=str(bridge.tape_path))
    spec["machines"] += [
        make_reader(location=ON_DECK),
        make_machine("shaker", "HeaterShaker", "HeaterShakerSimulatorBackend", location={**ON_DECK, "y": 250}),
        make_machine("cycler", "Thermocycler", "ThermocyclerSimulatorBackend", location={**ON_DECK, "y": 350}),
        make_machine("incubator", "Incubator", "IncubatorSimulatorBackend", location={**ON_DECK, "x": 850}),
    ]
    spec["labware"] += [{**PLATE, "name": "stored", "location": {"machine": "incubator"}}]
    yield Lab(bridge, spec)


def refuse(lab: Lab, machine: str, method: str, **arguments: Any) -> dict[str, Any]:
    outcome = lab.run(machine, method, **arguments)
    assert (outcome["status"], outcome["sends"], outcome["beganAtMs"]) == ("failed", 0, None), outcome
    return dict(outcome["error"])


def move(lab: Lab, plate: str, destination: dict[str, Any]) -> None:
    lab.do("star", "pick_up_resource", resource={"$ref": plate}, destination=destination)
    lab.do("star", "drop_resource", destination=destination)


def test_nothing_goes_into_a_closed_reader_or_comes_out_of_it(bridge: BridgeProcess, lab: Lab) -> None:
    error = refuse(lab, "star", "pick_up_resource", resource=PLATE_1, destination=READER)
    assert error["code"] == "INTERLOCKED" and "reader is: door closed" in error["message"] and "Open reader" in error["remedy"]
    assert bridge.read_tape() == []
    lab.do("star", "pick_up_resource", resource=PLATE_1)
    assert refuse(lab, "star", "drop_resource", destination=READER)["code"] == "INTERLOCKED"
    lab.do("reader", "open")
    lab.do("star", "drop_resource", destination=READER)
    lab.do("star", "pick_up_tips", **TIP)
    lab.do("star", "aspirate", **FROM_PLATE_1)
    lab.do("reader", "close")
    for method, arguments in (("pick_up_resource", {"resource": PLATE_1}), ("aspirate", FROM_PLATE_1), ("dispense", FROM_PLATE_1)):
        error = refuse(lab, "star", method, **arguments)
        assert error["code"] == "INTERLOCKED" and "plate_1" in error["message"], error


def test_a_lid_that_was_closed_stays_known_over_a_restart(lab: Lab) -> None:
    move(lab, "plate_1", {"$ref": "cycler"})
    lab.do("cycler", "close_lid")
    lab.restart()
    assert "cycler is: door closed" in refuse(lab, "star", "pick_up_resource", resource=PLATE_1)["message"]
    assert lab.read("cycler")["known"] == {"door": "closed"}
    lab.do("cycler", "open_lid")
    move(lab, "plate_1", {"$site": ["plate_carrier", 0]})


def test_a_drawer_does_not_close_on_a_gripper(lab: Lab) -> None:
    lab.do("reader", "open")
    move(lab, "plate_1", READER)
    lab.do("star", "pick_up_resource", resource=PLATE_1)
    error = refuse(lab, "reader", "close")
    assert error["code"] == "INTERLOCKED" and "plate_1 hangs in a gripper" in error["message"]
    lab.do("star", "drop_resource", destination={"$site": ["plate_carrier", 0]})
    lab.do("reader", "close")


def test_no_channel_goes_out_of_a_plate_in_the_gripper(lab: Lab) -> None:
    lab.do("star", "pick_up_tips", **TIP)
    lab.do("star", "pick_up_resource", resource=PLATE_1)
    error = refuse(lab, "star", "aspirate", **FROM_PLATE_1)
    assert error["code"] == "INTERLOCKED" and "plate_1 hangs in the gripper of star" in error["message"]


def test_what_an_incubator_holds_is_out_of_reach_until_it_hands_it_over(lab: Lab) -> None:
    lab.do("star", "pick_up_tips", **TIP)
    stored = {"resources": [at_item("stored", "A1")], "vols": [0]}
    for method, arguments in (("pick_up_resource", {"resource": {"$ref": "stored"}}), ("dispense", stored)):
        error = refuse(lab, "star", method, **arguments)
        assert error["code"] == "INTERLOCKED" and "inside incubator" in error["message"], error
    lab.do("incubator", "fetch_plate_to_loading_tray", plate_name="stored")
    move(lab, "stored", {"$site": ["plate_carrier", 3]})
    move(lab, "stored", {"$ref": "incubator"})


def test_nothing_is_gripped_on_a_shaker_that_shakes_or_clamps(lab: Lab) -> None:
    move(lab, "plate_1", {"$ref": "shaker"})
    lab.do("shaker", "lock_plate")
    assert "clamp locked" in refuse(lab, "star", "pick_up_resource", resource=PLATE_1)["message"]
    lab.do("shaker", "unlock_plate")
    lab.do("shaker", "shake", speed=300)
    assert "motion shaking" in refuse(lab, "star", "pick_up_resource", resource=PLATE_1)["message"]
    lab.do("shaker", "stop_shaking")
    move(lab, "plate_1", {"$site": ["plate_carrier", 0]})


def test_a_reader_reads_the_plate_that_stands_in_it_and_with_its_drawer_closed(lab: Lab) -> None:
    wells = [at_item("plate_2", "A1")]
    empty = refuse(lab, "reader", "read_absorbance", wavelength=600, wells=wells)
    assert (empty["code"], "plate_2 does not stand in reader; nothing does" in empty["message"]) == ("BAD_ARGUMENTS", True)
    lab.do("reader", "open")
    move(lab, "plate_1", READER)
    assert "door open" in refuse(lab, "reader", "read_absorbance", wavelength=600)["message"]
    lab.do("reader", "close")
    other = refuse(lab, "reader", "read_absorbance", wavelength=600, wells=wells)
    assert (other["code"], "plate_2 does not stand in reader; plate_1 does" in other["message"]) == ("BAD_ARGUMENTS", True)
    lab.do("reader", "read_absorbance", wavelength=600, wells=[at_item("plate_1", "A1")])


def test_no_plate_is_taken_that_can_not_be_put_down(bridge: BridgeProcess, lab: Lab) -> None:
    error = refuse(lab, "star", "pick_up_resource", resource=PLATE_1, destination={"$site": ["plate_carrier", 1]})
    assert error["code"] == "BAD_ARGUMENTS" and "plate_carrier-1 is taken: plate_2" in error["message"]
    assert bridge.read_tape() == []


@pytest.mark.parametrize(
    ("method", "more", "code", "told"),
    [
        ("aspirate", {"mix": [{"volume": 1000, "repetitions": 3, "flow_rate": 100}]}, "TOO_LITTLE_ROOM", "a tip holds"),
        ("aspirate", {"mix": [{"volume": 250, "repetitions": 3, "flow_rate": 100}]}, "TOO_LITTLE_LIQUID", "plate_1:A1 holds"),
        ("aspirate", {"offsets": [{"x": 9, "y": 0, "z": 0}]}, "BAD_ARGUMENTS", "9 mm beside the middle"),
        ("dispense", {"offsets": [{"x": 0, "y": -9, "z": 0}]}, "BAD_ARGUMENTS", "of plate_1:A1"),
        ("aspirate", {"offsets": [{"x": 0, "y": 0, "z": -5}], "liquid_height": [1]}, "BAD_ARGUMENTS", "4 mm below the bottom"),
    ],
)
def test_strokes_and_offsets_fit_the_tip_and_the_container(lab: Lab, method: str, more: dict[str, Any], code: str, told: str) -> None:
    lab.do("star", "pick_up_tips", **TIP)
    error = refuse(lab, "star", method, **FROM_PLATE_1, **more)
    assert error["code"] == code and told in error["message"], error
    lab.do(
        "star", "aspirate", **FROM_PLATE_1, offsets=[{"x": 1, "y": 1, "z": 0.5}], mix=[{"volume": 50, "repetitions": 2, "flow_rate": 50}]
    )


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("aspirate96", {"resource": PLATE_1, "volume": 10}),
        ("dispense96", {"resource": PLATE_1, "volume": 10}),
        ("drop_tips96", {"resource": {"$ref": "tips_1"}}),
        ("return_tips96", {}),
        ("discard_tips96", {}),
    ],
)
def test_the_96_head_does_nothing_without_tips(lab: Lab, method: str, arguments: dict[str, Any]) -> None:
    assert refuse(lab, "star", method, **arguments)["code"] == "TIP_MISSING"


def test_the_96_head_takes_what_a_used_rack_still_has_and_puts_it_back(bridge: BridgeProcess, lab: Lab) -> None:
    """In a bridge that has never held a full rack, after a restart with the tips on, and after a full rack was held before."""
    rack = {"$ref": "tips_1"}
    lab.do("star", "pick_up_tips", **TIP)
    lab.do("star", "discard_tips")
    lab.do("star", "pick_up_tips96", tip_rack=rack)
    head = lab.read("star")["head96"]
    assert len(head) == 95 and "0" not in head
    lab.restart()
    assert lab.read("star")["head96"] == head
    lab.do("star", "return_tips96")
    assert lab.read("star")["head96"] == {}
    spots = {
        name: entry["tip"] is not None
        for name, entry in lab.client.ask("state.read")["resources"].items()
        if entry.get("labware") == "tips_1" and "tip" in entry
    }
    assert [name for name, has_tip in spots.items() if not has_tip] == ["tips_1_tipspot_A1"] and len(spots) == 96
    lab.do("star", "pick_up_tips96", tip_rack={"$ref": "tips_2"})
    lab.do("star", "return_tips96")
    lab.do("star", "pick_up_tips96", tip_rack=rack)
    lab.do("star", "return_tips96")
    assert (
        sum(
            entry["tip"] is not None
            for entry in lab.client.ask("state.read")["resources"].values()
            if entry.get("labware") == "tips_1" and "tip" in entry
        )
        == 95
    )


def test_a_refusal_names_the_well_the_spot_and_the_channel(lab: Lab) -> None:
    """PyLabRobot says of a container that it is a container, and of a tip spot that it is a tip spot."""
    spots = [at_item("tips_1", "A1"), at_item("tips_1", "B1")]
    lab.do("star", "pick_up_tips", tip_spots=spots[1:])
    lab.do("star", "discard_tips")
    assert "tips_1:B1" in refuse(lab, "star", "pick_up_tips", tip_spots=spots)["message"]
    lab.do("star", "pick_up_tips", **TIP)
    taken = refuse(lab, "star", "pick_up_tips", tip_spots=[at_item("tips_1", "C1")])
    assert (taken["code"], taken["message"]) == ("TIP_PRESENT", "Channel 0 of star holds the tip of tips_1_tipspot_A1.")
    wells = {"resources": [at_item("plate_1", "A12")], "vols": [290]}
    assert "plate_1:A12" in refuse(lab, "star", "aspirate", **wells)["message"]
    lab.do("star", "aspirate", resources=[{"$ref": "diluent_1"}], vols=[300])
    assert "the tip of tips_1_tipspot_A1" in refuse(lab, "star", "aspirate", resources=[{"$ref": "diluent_1"}], vols=[300])["message"]
