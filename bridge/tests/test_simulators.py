"""Simulators that ship with the bridge: every act on a tape, images in a file, curves that grow, drivers that forget found out."""

from __future__ import annotations

import ast
import asyncio
from pathlib import Path
from typing import Any

import pytest
from bridge_process import BridgeProcess
from test_places import PLATE, Lab, make_machine

from device_simulator.models.growth import grow
from device_simulator.models.warmth import Warmth
from praxis_bridge.drivers import registry
from praxis_bridge.simulators.motion import Motion

ACTS: list[tuple[str, str, list[tuple[str, dict[str, Any]]], list[str]]] = [
    ("Sealer", "SealerSimulatorBackend", [("close", {}), ("seal", {"temperature": 170, "duration": 1})], ["close", "seal"]),
    ("Peeler", "PeelerSimulatorBackend", [("peel", {}), ("restart", {})], ["peel", "restart"]),
    ("Pump", "PumpSimulatorBackend", [("run_revolutions", {"num_revolutions": 1}), ("halt", {})], ["run_revolutions", "halt"]),
    ("HeaterShaker", "HeaterShakerSimulatorBackend", [("shake", {"speed": 500}), ("get_temperature", {})], ["lock_plate", "start_shaking"]),
    ("ExperimentalSCARA", "SCARASimulatorBackend", [("home", {}), ("is_gripper_closed", {})], ["home"]),
    ("Centrifuge", "CentrifugeSimulatorBackend", [("spin", {"g": 500, "duration": 5})], ["spin"]),
    ("Incubator", "IncubatorSimulatorBackend", [("set_temperature", {"temperature": 37}), ("get_temperature", {})], ["set_temperature"]),
    ("Thermocycler", "ThermocyclerSimulatorBackend", [("open_lid", {}), ("get_lid_open", {})], ["open_lid"]),
    ("IncubatorShakerStack", "IncubatorShakerStackSimulatorBackend", [("open_all", {})], ["open", "open"]),
]


def make_bench(bridge: BridgeProcess, machine: dict[str, Any], labware: list[dict[str, Any]] | None = None) -> Lab:
    return Lab(bridge, {"name": "bench", "machines": [machine], "deck": None, "labware": labware or []})


@pytest.mark.parametrize(("frontend", "backend", "calls", "acts"), ACTS)
def test_every_act_stands_on_the_tape_once(bridge: BridgeProcess, frontend: str, backend: str, calls: list[Any], acts: list[str]) -> None:
    arguments = {"tape_file": str(bridge.tape_path), "motion_s": 0.01}
    lab = make_bench(bridge, make_machine("machine", frontend, backend, backendArguments=arguments))
    for method, given in calls:
        lab.do("machine", method, **given)
    assert bridge.read_tape() == acts


def test_a_person_can_see_which_simulators_there_are() -> None:
    simulators = {frontend: registry.list_simulators(frontend) for frontend in registry.FRONTENDS}
    assert [frontend for frontend, names in simulators.items() if not names] == []
    assert {name for names in simulators.values() for name in names} == set(registry.SIMULATED_BACKENDS)


def test_a_large_image_stays_in_the_home(bridge: BridgeProcess) -> None:
    plate = {**PLATE, "location": {"machine": "microscope"}}
    arguments = {"size": 100}
    lab = make_bench(bridge, make_machine("microscope", "Imager", "ImagerSimulatorBackend", backendArguments=arguments), [plate])
    view = {"well": {"$item": ["culture", "C4"]}, "mode": "BRIGHTFIELD", "objective": "O_4X_PL_FL"}
    result = lab.do("microscope", "capture", **view)
    image = result["images"][0]
    assert image["shape"] == [100, 100] and "data" not in image and 0 < image["mean"] < image["max"] <= 255
    file = Path(image["file"])
    assert file.is_relative_to(bridge.folder / "data")
    content = file.read_bytes()
    header_bytes = int.from_bytes(content[8:10], "little")
    header = ast.literal_eval(content[10 : 10 + header_bytes].decode())
    assert content[:8] == b"\x93NUMPY\x01\x00" and (10 + header_bytes) % 64 == 0
    assert header == {"descr": "|u1", "fortran_order": False, "shape": (100, 100)}
    assert sum(content[10 + header_bytes :]) / 10_000 == pytest.approx(image["mean"])
    assert lab.do("microscope", "capture", **view)["images"][0]["file"] == image["file"]
    auto = {"evaluate_exposure": {"name": "max_pixel_at_fraction", "fraction": 0.5, "margin": 0.1}, "max_rounds": 20, "low": 1, "high": 100}
    exposed = lab.do("microscope", "capture", **view, exposure_time=auto, focal_height=3, gain=1)
    assert 0.4 <= exposed["images"][0]["max"] / 255 <= 0.6


def test_a_driver_that_forgets_to_await_is_found_out(bridge: BridgeProcess) -> None:
    bridge.module = "bridge_with_faulty_backend"
    lab = make_bench(bridge, make_machine("pump", "Pump", "ForgetfulPumpBackend"))
    for _ in range(2):
        outcome = lab.run("pump", "halt")
        assert outcome["status"] != "completed"
        assert "never awaited" in outcome["error"]["message"]
        lab.client.ask("machine.release", machine="pump", note="looked")


def test_cultures_grow_the_same_for_the_same_seed() -> None:
    curve = [grow(1, "plate", 0, 0, hours) for hours in range(16)]
    assert curve == [grow(1, "plate", 0, 0, hours) for hours in range(16)]
    assert curve != [grow(2, "plate", 0, 0, hours) for hours in range(16)]
    assert curve[0] < 0.1 and max(curve) < 1.8 and curve[-1] > 0.8
    assert len({grow(1, "plate", row, column, 6) for row in range(8) for column in range(12)}) > 90


def test_a_block_warms_and_cools_in_time() -> None:
    warmth = Warmth(degrees_per_second=0.5)
    warmth.aim(37, 100)
    assert [warmth.read(now) for now in (100, 110, 124, 999)] == [25, 30, 37, 37]
    warmth.aim(None, 1000)
    assert [warmth.read(now) for now in (1000, 1010, 2000)] == [37, 32, 25]


def test_a_motion_takes_the_time_of_its_name(bridge: BridgeProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    async def note(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", note)

    async def act() -> None:
        motion = Motion({"seal": 3.0, "*": 1.0}, None)
        await motion.act("seal")
        await motion.act("open")
        await Motion({"seal": 3.0}, None).act("open")

    asyncio.run(act())
    assert waited == [3.0, 1.0]

    arguments = {"tape_file": str(bridge.tape_path), "motion_s": {"close": 0.01, "*": 0.02}}
    lab = make_bench(bridge, make_machine("machine", "Sealer", "SealerSimulatorBackend", backendArguments=arguments))
    lab.do("machine", "close")
    assert bridge.read_tape() == ["close"]
