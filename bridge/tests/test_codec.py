"""Values between JSON and PyLabRobot, without a bridge around them."""

from __future__ import annotations

import asyncio
import math
import typing
from typing import Any

import pytest
from pylabrobot.arms.backend import HorizontalAccess, VerticalAccess
from pylabrobot.arms.precise_flex.coords import PreciseFlexCartesianCoords
from pylabrobot.liquid_handling.standard import GripDirection, Mix
from pylabrobot.plate_reading.standard import AutoExposure, Exposure, Objective
from pylabrobot.resources import PLT_CAR_L5AC_A00, Coordinate, Cor_96_wellplate_360ul_Fb, Plate, Powder, ResourceHolder, TipRack, Well
from pylabrobot.storage.cytomat.racks import cytomat_rack_23mm_21, cytomat_rack_50mm_10
from pylabrobot.thermocycling.standard import Protocol

from praxis_bridge.drivers import registry
from praxis_bridge.drivers.method_plans import list_refused, plan_methods
from praxis_bridge.plr.codec import decode_value, encode_value
from praxis_bridge.wire.errors import CommandError
from praxis_bridge.wire.jsontext import dump_json

PLATE = Cor_96_wellplate_360ul_Fb("plate")
JUDGE = {"name": "max_pixel_at_fraction", "fraction": 0.8, "margin": 0.1}


def _find(name: str) -> Any:
    if name == "plate":
        return PLATE
    raise CommandError("LABWARE_NOT_FOUND", name)


@pytest.mark.parametrize(
    ("value", "hint", "decoded"),
    [
        ({"$ref": "plate"}, Plate, PLATE),
        ([{"$item": ["plate", "B3"]}], list[Well], [PLATE.get_item("B3")]),
        ({"x": 1, "y": 2.5}, typing.Optional[Coordinate], Coordinate(1, 2.5, 0)),
        ({"volume": 5, "repetitions": 3, "flow_rate": 100}, Mix, Mix(volume=5, repetitions=3, flow_rate=100)),
        ("FRONT", GripDirection, GripDirection.FRONT),
        ("wide", typing.Literal["wide", "tight"], "wide"),
        (3, float, 3.0),
        (3.0, int, 3),
        (None, typing.Optional[int], None),
        ({"1": 2}, dict[int, float], {1: 2.0}),
        ([1, 2], tuple[int, int], (1, 2)),
    ],
)
def test_decodes_by_hint(value: Any, hint: Any, decoded: Any) -> None:
    result = decode_value(value, hint, "x", _find)
    assert (result, type(result)) == (decoded, type(decoded))


def test_decodes_the_value_classes_of_pylabrobot() -> None:
    step = {"temperature": [95.0], "hold_seconds": 10.0}
    protocol = decode_value({"stages": [{"steps": [step], "repeats": 2}]}, Protocol, "x", _find)
    assert protocol.serialize() == {"stages": [{"steps": [{**step, "rate": None}], "repeats": 2}]}
    assert decode_value({"name": "salt"}, Powder, "x", _find).name == "salt"
    place = {"location": {"x": 1, "y": 2, "z": 3}, "rotation": {"z": 90}, "orientation": "LEFT"}
    arm = decode_value(place, PreciseFlexCartesianCoords, "x", _find)
    assert (arm.location, arm.rotation.z, arm.orientation.name) == (Coordinate(1, 2, 3), 90, "LEFT")
    access = typing.Union[VerticalAccess, HorizontalAccess]
    assert isinstance(decode_value({"approach_height_mm": 5}, access, "x", _find), VerticalAccess)
    assert isinstance(decode_value({"lift_height_mm": 5}, access, "x", _find), HorizontalAccess)
    assert decode_value("machine-auto", Exposure, "x", _find) == "machine-auto"
    assert decode_value("O_4X_PL_FL", Objective, "x", _find) is Objective.O_4X_PL_FL
    auto = decode_value({"evaluate_exposure": JUDGE, "max_rounds": 9, "low": 1, "high": 99}, AutoExposure, "x", _find)
    judged = [asyncio.run(auto.evaluate_exposure([[0, brightest]])) for brightest in (100, 204, 255)]
    assert judged == ["higher", "good", "lower"]


def test_resolves_a_site() -> None:
    carrier = PLT_CAR_L5AC_A00("carrier")
    incubator = typing.cast(Any, type("Machine", (), {"racks": [cytomat_rack_23mm_21("rack"), cytomat_rack_50mm_10("rack2")]})())
    things = {"carrier": carrier, "incubator": incubator}
    assert decode_value({"$site": ["carrier", 4]}, ResourceHolder, "x", things.__getitem__) is carrier.sites[4]
    assert decode_value({"$site": ["incubator", 21]}, ResourceHolder, "x", things.__getitem__) is incubator.racks[1].sites[0]
    with pytest.raises(CommandError) as refused:
        decode_value({"$site": ["carrier", 5]}, ResourceHolder, "x", things.__getitem__)
    assert refused.value.code == "LABWARE_NOT_FOUND"


def test_every_parameter_of_every_front_end_can_be_given_from_outside() -> None:
    for name in registry.FRONTENDS:
        for method, plan in plan_methods(_bare(registry.find_frontend(name))).items():
            for parameter, hint in plan.hints.items():
                assert "Callable" not in str(hint), f"{name}.{method}({parameter}) wants {hint}: add it to the codec or refuse the method."


@pytest.mark.parametrize(
    ("value", "hint", "code"),
    [
        ({"$ref": "plate"}, TipRack, "BAD_ARGUMENTS"),
        ({"$ref": "other"}, Plate, "LABWARE_NOT_FOUND"),
        ({"$item": ["plate", "Z9"]}, Well, "LABWARE_NOT_FOUND"),
        ({"$item": ["plate", "A1:H1"]}, Well, "LABWARE_NOT_FOUND"),
        ({"$item": ["plate", 0]}, Well, "BAD_ARGUMENTS"),
        ({"$ref": "other"}, typing.Union[Plate, Coordinate], "LABWARE_NOT_FOUND"),
        (True, float, "BAD_ARGUMENTS"),
        (1.5, int, "BAD_ARGUMENTS"),
        ("UP", GripDirection, "BAD_ARGUMENTS"),
        ("__class__", GripDirection, "BAD_ARGUMENTS"),
        ({"x": 1, "w": 2}, Coordinate, "BAD_ARGUMENTS"),
        ({"volume": 5}, Mix, "BAD_ARGUMENTS"),
        ({"evaluate_exposure": {**JUDGE, "name": "exec"}, "max_rounds": 1, "low": 1, "high": 2}, AutoExposure, "BAD_ARGUMENTS"),
        (None, int, "BAD_ARGUMENTS"),
        ("print", typing.Callable[..., Any], "BAD_ARGUMENTS"),
    ],
)
def test_refuses_what_does_not_fit(value: Any, hint: Any, code: str) -> None:
    with pytest.raises(CommandError) as refused:
        decode_value(value, hint, "x", _find)
    assert refused.value.code == code


class _Array:
    def tolist(self) -> list[float]:
        return [1.0, math.nan]


class _Hostile:
    def serialize(self) -> Any:
        raise SystemExit("looked at")


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        (math.nan, "NaN"),
        (-math.inf, "-Infinity"),
        ([{"a": math.inf}], [{"a": "Infinity"}]),
        (_Array(), [1.0, "NaN"]),
        (PLATE, {"$ref": "plate"}),
        (GripDirection.LEFT, "LEFT"),
        ({1: b"x"}, {"1": {"$bytes": "eA=="}}),
        (2**60, hex(2**60)),
    ],
)
def test_encodes_what_json_does_not_know(value: Any, encoded: Any) -> None:
    assert encode_value(value) == encoded


def test_a_result_that_can_not_be_shown_never_raises() -> None:
    endless: list[Any] = []
    endless.append(endless)
    for value in (_Hostile(), object(), endless, "\ud800"):
        assert dump_json(encode_value(value))


@pytest.mark.parametrize("name", sorted(registry.FRONTENDS))
def test_every_front_end_of_the_allow_list_exists_with_readable_hints(name: str) -> None:
    frontend = registry.find_frontend(name)
    plans = plan_methods(_bare(frontend))
    assert plans and not set(plans) & set(list_refused(frontend))
    assert not [method for method in plans if method.startswith("_")]


@pytest.mark.parametrize("name", sorted(registry.SIMULATED_BACKENDS))
def test_every_simulated_backend_of_the_allow_list_exists(name: str) -> None:
    assert registry.find_backend(name, "simulation").__name__ == name


def _bare(frontend: type) -> Any:
    made = frontend.__new__(frontend)
    made.backend = object()
    return made
