"""The catalogue that is checked in is what the pinned PyLabRobot offers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from praxis_bridge.drivers.generate_catalogue import describe_type

BRIDGE = Path(__file__).parent.parent
CATALOGUE = BRIDGE.parent / "domain" / "catalogue" / "pylabrobot.json"


def test_catalogue_is_that_of_the_pinned_version() -> None:
    # In a process of its own: other tests import simulators, which must not appear.
    command = [sys.executable, "-m", "praxis_bridge.drivers.generate_catalogue"]
    generated = subprocess.run(command, cwd=BRIDGE, capture_output=True, text=True, check=True, timeout=120).stdout
    remedy = "Run in bridge/: python -m praxis_bridge.drivers.generate_catalogue ../domain/catalogue/pylabrobot.json"
    assert generated == CATALOGUE.read_text(), remedy


def test_catalogue_holds_what_is_known() -> None:
    catalogue = json.loads(CATALOGUE.read_text())
    assert len(catalogue["frontends"]) == 28
    assert len(catalogue["backends"]["STARBackend"]["methods"]["aspirate"]["parameters"]) == 42
    assert catalogue["enums"]["GripDirection"] == ["FRONT", "BACK", "LEFT", "RIGHT"]


def test_types_are_described_by_their_parts() -> None:
    classes: dict[str, dict[str, object]] = {"enums": {}, "values": {}, "resources": {}}
    assert describe_type(list[float | None], classes) == {"list": {"union": ["float", "none"]}}
    assert describe_type(dict[int, float], classes) == {"dict": ["int", "float"]}
    assert classes == {"enums": {}, "values": {}, "resources": {}}
