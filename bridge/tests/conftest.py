"""Bridges for tests: one shared by the tests of a file where state does not matter, one of its own where it does."""

from __future__ import annotations

from typing import Iterator

import pytest
from bridge_process import BridgeProcess


@pytest.fixture
def bridge() -> Iterator[BridgeProcess]:
    process = BridgeProcess()
    try:
        yield process
    finally:
        process.remove()
