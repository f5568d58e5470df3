"""Bridges for tests: one shared by the tests of a file where state does not matter, one of its own where it does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from bridge_process import BridgeProcess
from device_lab import DeviceLab


@pytest.fixture
def bridge() -> Iterator[BridgeProcess]:
    process = BridgeProcess()
    try:
        yield process
    finally:
        process.remove()


@pytest.fixture
def lab() -> Iterator[DeviceLab]:
    """Simulated devices with a tape of their own; the test starts the bridge as it wants it."""
    made = DeviceLab()
    try:
        yield made
    finally:
        made.remove()
