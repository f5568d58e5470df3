"""Prints what the bridge adds to a bare PyLabRobot call: the same aspirate and dispense, bare, and over the wire.

Run by hand: `python bridge/tests/measure_speed.py`. Blocks of both alternate, so that the load of the machine hits both.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from bridge_process import BridgeProcess, at_item, make_command, read_demo_workcell

from praxis_bridge.journal import Entry, Journal
from praxis_bridge.plr.workcell import Workcell

BLOCKS = 6
CALLS_PER_BLOCK = 60
WELL = at_item("plate_1", "A1")


async def measure_bare(frontend: Any, well: Any) -> list[float]:
    times_ms: list[float] = []
    for n in range(CALLS_PER_BLOCK):
        method = frontend.aspirate if n % 2 == 0 else frontend.dispense
        began = time.perf_counter()
        await method([well], [50])
        times_ms.append((time.perf_counter() - began) * 1000)
    return times_ms


def measure_bridged(client: Any, block: int) -> list[float]:
    times_ms: list[float] = []
    for n in range(CALLS_PER_BLOCK):
        method = "aspirate" if n % 2 == 0 else "dispense"
        command = make_command(100 + block * CALLS_PER_BLOCK + n, method, {"resources": [WELL], "vols": [50]})
        began = time.perf_counter()
        outcome = client.ask("command.run", **command)
        times_ms.append((time.perf_counter() - began) * 1000)
        assert outcome["status"] == "completed"
    return times_ms


def measure_synced_writes(folder: Path) -> list[float]:
    journal = Journal(str(folder / "floor.db"))
    times_ms: list[float] = []
    for n in range(BLOCKS * CALLS_PER_BLOCK):
        began = time.perf_counter()
        journal.append([Entry("SENT", str(n), {"text": "x" * 500}, 0)])
        times_ms.append((time.perf_counter() - began) * 1000)
    return times_ms


def main() -> None:
    spec = read_demo_workcell()
    workcell = Workcell(spec)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(workcell.connect_simulators())
    frontend = workcell.machines["star"].frontend
    loop.run_until_complete(frontend.pick_up_tips([workcell.find("tips_1").get_item("A1")]))
    bridge = BridgeProcess()
    try:
        bridge.start()
        client = bridge.connect()
        client.ask("workcell.apply", spec=spec)
        client.ask("command.run", **make_command(1, "pick_up_tips", {"tip_spots": [at_item("tips_1", "A1")]}))
        bare: list[float] = []
        bridged: list[float] = []
        for block in range(BLOCKS):
            bare += loop.run_until_complete(measure_bare(frontend, workcell.find("plate_1").get_item("A1")))
            bridged += measure_bridged(client, block)
        print(f"bare     median {statistics.median(bare):.2f} ms")
        print(f"bridged  median {statistics.median(bridged):.2f} ms, wire and two synced writes included")
        print(f"a synced write alone: median {statistics.median(measure_synced_writes(bridge.folder)):.2f} ms")
        for name, at in (("lower decile", 0), ("median", 4)):
            added_ms = statistics.quantiles(bridged, n=10)[at] - statistics.quantiles(bare, n=10)[at]
            print(f"added    {name} {added_ms:.2f} ms a command")
    finally:
        bridge.remove()


if __name__ == "__main__":
    main()
