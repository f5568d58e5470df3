"""The law of imports bites: each contract of pyproject.toml is broken by one import that it forbids."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

BRIDGE_FOLDER = Path(__file__).parent.parent
LINT = "from importlinter.cli import lint_imports_command as lint; lint()"


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("praxis_bridge/journal/file.py", "from ..plr import codec", "A room imports lower rooms only"),
        ("praxis_bridge/wire/requests.py", "from ..serving import seats", "A room imports lower rooms only"),
        ("praxis_bridge/relabelling/__init__.py", "", "A room imports lower rooms only"),
        ("praxis_bridge/commands/runner.py", "import pylabrobot.resources", "Nothing above the drivers knows PyLabRobot"),
        ("device_simulator/tape.py", "from praxis_bridge.wire import jsontext", "The device simulator is a program of its own"),
        ("praxis_bridge/simulators/pump.py", "from device_simulator import server", "The models of the device simulator are all"),
    ],
)
def test_a_forbidden_import_breaks_its_contract(tmp_path: Path, file: str, line: str, contract: str) -> None:
    for name in ("praxis_bridge", "device_simulator"):
        shutil.copytree(BRIDGE_FOLDER / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    changed = tmp_path / file
    changed.parent.mkdir(exist_ok=True)
    with changed.open("a") as source:
        source.write(f"\n{line}\n")
    command = [sys.executable, "-c", LINT, "--no-cache", str(BRIDGE_FOLDER / "pyproject.toml")]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    ended = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False)
    told = " ".join(ended.stdout.split())
    assert (ended.returncode, contract in told) == (1, True), ended.stdout + ended.stderr
    assert any(contract in part for part in told.split("KEPT") if "BROKEN" in part), told
