"""Values between JSON and PyLabRobot, without a bridge around them."""

from __future__ import annotations

import math
import typing
from typing import Any

import pytest
from praxis_bridge.codec import decode_value, encode_value
from praxis_bridge.drivers import registry
from praxis_bridge.drivers.method_plans import list_refused, plan_methods
from praxis_bridge.errors import CommandError
from praxis_bridge.jsontext import dump_json
from pylabrobot.liquid_handling.standard import GripDirection, Mix
from pylabrobot.resources import Coordinate, Cor_96_wellplate_360ul_Fb, Plate, TipRack, Well

PLATE = Cor_96_wellplate_360ul_Fb("plate")


def _find(name: str) -> Any:
    if name == "plate":
        return PLATE
    raise CommandError("LABWARE_NOT_FOUND", name)


@pytest.mark.parametrize(
    ("value", "hint", "decoded"),
    [
        ({"$ref": "plate"}, Plate, PLATE),
        ([{"$item": ["plate", "B3"]}], typing.List[Well], [PLATE.get_item("B3")]),
        ({"x": 1, "y": 2.5}, typing.Optional[Coordinate], Coordinate(1, 2.5, 0)),
        ({"volume": 5, "repetitions": 3, "flow_rate": 100}, Mix, Mix(volume=5, repetitions=3, flow_rate=100)),
        ("FRONT", GripDirection, GripDirection.FRONT),
        ("wide", typing.Literal["wide", "tight"], "wide"),
        (3, float, 3.0),
        (3.0, int, 3),
        (None, typing.Optional[int], None),
        ({"1": 2}, typing.Dict[int, float], {1: 2.0}),
        ([1, 2], typing.Tuple[int, int], (1, 2)),
    ],
)
def test_decodes_by_hint(value: Any, hint: Any, decoded: Any) -> None:
    result = decode_value(value, hint, "x", _find)
    assert (result, type(result)) == (decoded, type(decoded))


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
