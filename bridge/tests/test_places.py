"""Labware in machines: from the start, by the gripper, and after a kill at any moment; machines remember what they were told."""

from __future__ import annotations

from typing import Any

import pytest
from bridge_process import BridgeProcess, Client, Refused, make_command, read_demo_workcell
from front_end_calls import Call, make_workcell, name_machine
from test_front_ends import SIMULATORS

PLATE = {"name": "culture", "type": "Cor_96_wellplate_360ul_Fb", "category": "plate", "fresh": {}, "autoReplace": False}
ON_DECK = {"x": 700, "y": 100, "z": 100}


class Lab:
    """A bridge with a workcell, restarted at will; commands count on."""

    def __init__(self, bridge: BridgeProcess, spec: dict[str, Any]) -> None:
        self.bridge = bridge
        bridge.start()
        self.client: Client = bridge.connect()
        self.client.ask("workcell.apply", spec=spec)
        self._commands = 0

    def run(self, machine: str, method: str, **arguments: Any) -> Any:
        self._commands += 1
        return self.client.ask("command.run", **make_command(self._commands, method, arguments, machine=machine))

    def do(self, machine: str, method: str, **arguments: Any) -> Any:
        outcome = self.run(machine, method, **arguments)
        assert outcome["status"] == "completed", outcome
        return outcome["result"]

    def read(self, name: str) -> Any:
        return self.client.ask("state.read")["resources"][name]

    def restart(self) -> None:
        self.bridge.kill()
        self.bridge.start()
        self.client = self.bridge.connect()


def make_machine(name: str, frontend: str, backend: str, **more: Any) -> dict[str, Any]:
    """A simulated machine; `more` are further members of its spec."""
    return {"name": name, "frontend": frontend, "backend": backend, "backendArguments": {}, "mode": "simulation", **more}


def make_reader(**more: Any) -> dict[str, Any]:
    return make_machine("reader", "PlateReader", "PlateReaderSimulatorBackend", **more)


def test_a_reader_alone_is_a_workcell(bridge: BridgeProcess) -> None:
    reader = make_reader(backendArguments={"hours_per_read": 1})
    lab = Lab(bridge, {"name": "bench", "machines": [reader], "deck": None, "labware": [{**PLATE, "location": {"machine": "reader"}}]})
    assert lab.read("culture")["parent"] == "reader"
    readings = [lab.do("reader", "read_absorbance", wavelength=600)[0] for _ in range(8)]
    lab.restart()
    readings += [lab.do("reader", "read_absorbance", wavelength=600)[0] for _ in range(8)]
    assert {reading["temperature"] for reading in readings} == {37}
    curve = [reading["data"][0][0] for reading in readings]
    assert len(readings[0]["data"]) == 8 and len(readings[0]["data"][0]) == 12
    assert curve[0] < 0.1 and curve[15] > 0.8 and curve[7] < curve[9]
    some = lab.do("reader", "read_absorbance", wavelength=600, wells=[{"$item": ["culture", "B2"]}])[0]["data"]
    assert some[0][0] is None and some[1][1] > 0.8


def test_a_gripper_puts_a_plate_into_a_machine_and_a_kill_changes_nothing(bridge: BridgeProcess) -> None:
    spec = read_demo_workcell()
    spec["machines"].append(make_reader(location=ON_DECK))
    lab = Lab(bridge, spec)
    lab.do("reader", "open")
    lab.do("star", "pick_up_resource", resource={"$ref": "plate_1"})
    held = {"labware": "plate_1", "parent": None, "location": None, "rotationZ": 0, "place": {"gripper": "star"}}
    assert (lab.read("star")["gripped"], lab.read("plate_1")) == ("plate_1", held)
    before = lab.client.ask("state.read")
    lab.restart()
    assert lab.client.ask("state.read") == before
    with pytest.raises(Refused) as refused:
        lab.run("star", "drop_resource", destination={"$ref": "reader"})
    assert refused.value.code == "MACHINE_HELD"
    lab.client.ask("machine.release", machine="star", note="it still holds the plate")
    lab.do("star", "drop_resource", destination={"$ref": "reader"})
    assert (lab.read("star")["gripped"], lab.read("plate_1")["parent"]) == (None, "reader")
    before = lab.client.ask("state.read")
    lab.restart()
    assert lab.client.ask("state.read") == before
    lab.do("reader", "close")
    assert lab.do("reader", "read_absorbance", wavelength=600)[0]["data"][7][11] > 0
    lab.do("reader", "open")
    lab.do("star", "pick_up_resource", resource={"$ref": "plate_1"})
    lab.do("star", "drop_resource", destination={"$site": ["plate_carrier", 0]})
    assert lab.read("plate_1")["parent"] == "plate_carrier-0"
    assert lab.run("reader", "read_absorbance", wavelength=600)["status"] == "failed"


def test_plates_that_changed_places_come_back_there(bridge: BridgeProcess) -> None:
    lab = Lab(bridge, read_demo_workcell())
    for plate, site in (("plate_1", 4), ("plate_2", 0), ("plate_1", 1)):
        lab.do("star", "pick_up_resource", resource={"$ref": plate})
        lab.do("star", "drop_resource", destination={"$site": ["plate_carrier", site]})
    before = lab.client.ask("state.read")
    lab.restart()
    assert lab.client.ask("state.read") == before
    assert (lab.read("plate_1")["parent"], lab.read("plate_2")["parent"]) == ("plate_carrier-1", "plate_carrier-0")


@pytest.mark.parametrize(
    ("destination", "told"),
    [
        ({"$ref": "reader"}, "already"),
        ({"$ref": "scale"}, "culture stands there"),
        ({"$ref": "far_scale"}, "does not stand on the deck"),
        ({"$ref": "centrifuge"}, "centrifuge_bucket1"),
        ({"$site": ["plate_carrier", 9]}, "no site 9"),
        ({"$site": ["plate_carrier", "0"]}, "reference"),
    ],
)
def test_a_plate_is_not_dropped_where_it_can_not_stand(bridge: BridgeProcess, destination: dict[str, Any], told: str) -> None:
    spec = read_demo_workcell(tape_file=str(bridge.tape_path), backend="CountingSTARChatterboxBackend")
    spec["machines"] += [
        make_reader(location=ON_DECK),
        make_machine("scale", "Scale", "ScaleChatterboxBackend", location={**ON_DECK, "y": 300}),
        make_machine("far_scale", "Scale", "ScaleChatterboxBackend"),
        make_machine("centrifuge", "Centrifuge", "CentrifugeSimulatorBackend"),
    ]
    spec["labware"] += [{**PLATE, "location": {"machine": "scale"}}, {**PLATE, "name": "inside", "location": {"machine": "reader"}}]
    lab = Lab(bridge, spec)
    lab.do("reader", "open")
    lab.do("star", "pick_up_resource", resource={"$ref": "plate_1"})
    outcome = lab.run("star", "drop_resource", destination=destination)
    assert (outcome["status"], outcome["sends"]) == ("failed", 0)
    assert told in outcome["error"]["message"]
    assert bridge.read_tape() == ["pick_up_resource"]
    lab.do("star", "drop_resource", destination={"$site": ["plate_carrier", 0]})


def test_a_plate_on_a_scale_lies_at_its_corner(bridge: BridgeProcess) -> None:
    spec = read_demo_workcell()
    spec["machines"].append(make_machine("scale", "Scale", "ScaleChatterboxBackend", location=ON_DECK))
    lab = Lab(bridge, spec)
    lab.do("star", "pick_up_resource", resource={"$ref": "plate_1"})
    lab.do("star", "drop_resource", destination={"$ref": "scale"})
    assert (lab.read("plate_1")["parent"], lab.read("plate_1")["location"]) == ("scale", [0, 0, 0])


def test_an_incubator_hands_plates_over_at_its_tray(bridge: BridgeProcess) -> None:
    spec = read_demo_workcell()
    spec["machines"].append(make_machine("incubator", "Incubator", "IncubatorSimulatorBackend", location=ON_DECK))
    spec["labware"].append({**PLATE, "location": {"machine": "incubator", "site": 3}})
    lab = Lab(bridge, spec)
    # Sites count from 0; PyLabRobot's names for those of a Cytomat rack count from 1.
    assert lab.read("culture")["parent"] == "incubator_rack_1-4"
    lab.do("incubator", "fetch_plate_to_loading_tray", plate_name="culture")
    assert lab.read("culture")["parent"] == "incubator_tray"
    lab.restart()
    lab.do("star", "pick_up_resource", resource={"$ref": "culture"})
    lab.do("star", "drop_resource", destination={"$site": ["plate_carrier", 3]})
    lab.do("star", "pick_up_resource", resource={"$ref": "plate_1"})
    lab.do("star", "drop_resource", destination={"$ref": "incubator"})
    lab.do("incubator", "take_in_plate", site={"$site": ["incubator", 7]})
    before = lab.client.ask("state.read")
    lab.restart()
    assert lab.client.ask("state.read") == before
    assert (lab.read("plate_1")["parent"], lab.read("culture")["parent"]) == ("incubator_rack_1-8", "plate_carrier-3")
    lab.do("incubator", "fetch_plate_to_loading_tray", plate_name="plate_1")


REMEMBERED: list[tuple[str, list[Call], dict[str, Any]]] = [
    ("HeaterShaker", [Call("set_temperature", {"temperature": 37}), Call("shake", {"speed": 300})], {"targetTemperatureC": 37}),
    ("TemperatureController", [Call("set_temperature", {"temperature": 60})], {"targetTemperatureC": 60}),
    ("Centrifuge", [Call("open_door"), Call("go_to_bucket2")], {"isDoorOpen": True, "atBucket": "centrifuge_bucket2"}),
    ("Tilter", [Call("set_angle", {"absolute_angle": 7})], {"angleDegrees": 7}),
    ("ExperimentalSCARA", [Call("freedrive_mode", {"free_axes": [1]})], {"isInFreedrive": True}),
    ("Thermocycler", [Call("close_lid"), Call("set_lid_temperature", {"temperature": [105]})], {}),
    ("Incubator", [Call("open_door"), Call("set_temperature", {"temperature": 30})], {}),
    ("IncubatorShakerStack", [Call("open_all"), Call("start_all_temperature_control", {"target_temperature": 30})], {}),
    ("Sealer", [Call("close"), Call("set_temperature", {"temperature": 160})], {}),
    ("Pump", [Call("run_continuously", {"speed": 3})], {}),
]
ASKED = [
    ("HeaterShaker", "get_temperature", 37),
    ("TemperatureController", "get_temperature", 60),
    ("Thermocycler", "get_lid_open", False),
    ("Thermocycler", "get_lid_target_temperature", [105]),
    ("Incubator", "get_temperature", 30),
    ("IncubatorShakerStack", "request_loading_tray_states", {"0": "open", "1": "open"}),
    ("IncubatorShakerStack", "get_all_temperatures", {"0": 30, "1": 30}),
    ("Sealer", "get_temperature", 160),
]


def test_machines_remember_what_they_were_told(bridge: BridgeProcess) -> None:
    lab = Lab(bridge, make_workcell(SIMULATORS))
    for frontend, calls, remembered in REMEMBERED:
        for call in calls:
            lab.do(name_machine(frontend), call.method, **call.arguments)
        entry = lab.read(name_machine(frontend))
        assert {key: entry[key] for key in remembered} == remembered
    before = lab.client.ask("state.read")
    lab.restart()
    assert lab.client.ask("state.read") == before
    for frontend, method, answer in ASKED:
        assert (method, lab.do(name_machine(frontend), method)) == (method, answer)
    # The arm ends its freedrive by itself before it moves, which needs to know that it was free.
    lab.do(name_machine("ExperimentalSCARA"), "home")
    assert lab.read(name_machine("ExperimentalSCARA"))["isInFreedrive"] is False


def test_a_command_that_failed_leaves_no_target_behind(bridge: BridgeProcess) -> None:
    machines = [make_machine("warmer", "TemperatureController", "TemperatureControllerChatterboxBackend")]
    lab = Lab(bridge, {"name": "bench", "machines": machines, "deck": None, "labware": []})
    lab.do("warmer", "set_temperature", temperature=40)
    too_cold = lab.run("warmer", "set_temperature", temperature=4)
    assert (too_cold["status"], too_cold["sends"]) == ("failed", 0)
    assert lab.read("warmer")["targetTemperatureC"] == 40


@pytest.mark.parametrize(
    ("machine", "labware", "told"),
    [
        (make_reader(location=ON_DECK), [], "can't stand on the deck"),
        (make_reader(frontendArguments={"backend": 1}), [], "unknown frontendArguments: backend"),
        (make_reader(frontendArguments={"size_x": "wide"}), [], "frontendArguments.size_x"),
        (make_machine("reader", "PlateReader", "SealerSimulatorBackend"), [], "is no backend of a PlateReader"),
        (make_reader(), [{"machine": "nothing"}], "no machine 'nothing'"),
        (make_reader(), [{"machine": "reader"}, {"machine": "reader"}], "is taken"),
        (make_reader(), [{"machine": "reader", "site": 1}], "no site 1"),
        (make_reader(), [{"carrier": "c", "site": 0}], "has no deck"),
        (make_machine("pump", "Pump", "PumpSimulatorBackend"), [{"machine": "pump"}], "no place for labware"),
        (make_machine("loader", "Loader", "LoaderChatterboxBackend"), [], "must name the centrifuge"),
        (make_machine("inc", "Incubator", "IncubatorSimulatorBackend", frontendArguments={"racks": [{"type": "os"}]}), [], "is no rack"),
    ],
)
def test_names_the_mistake_in_a_machine(bridge: BridgeProcess, machine: dict[str, Any], labware: list[Any], told: str) -> None:
    items = [{**PLATE, "name": f"plate_{number}", "location": location} for number, location in enumerate(labware)]
    bridge.start()
    with pytest.raises(Refused) as refused:
        bridge.connect().ask("workcell.apply", spec={"name": "bench", "machines": [machine], "deck": None, "labware": items})
    assert refused.value.code == "BAD_ARGUMENTS"
    assert told in str(refused.value)
