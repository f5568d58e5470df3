"""Prints what a block costs a command, beside a bare Python loop that calls the front end and syncs one line a command.

Run by hand: `python bridge/tests/measure_blocks.py`. Both alternate in one run, so that the load of the machine hits both.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from bridge_process import BridgeProcess, at_item, make_command, read_demo_workcell

from praxis_bridge.plr.workcell import Workcell

ROUNDS = 7
COMMANDS_PER_BLOCK = 300
BACKEND = "LiquidHandlerChatterboxBackend"
WELL = at_item("plate_1", "A1")


async def measure_bare(frontend: Any, well: Any, log: int) -> float:
    began = time.perf_counter()
    for n in range(COMMANDS_PER_BLOCK):
        method = frontend.aspirate if n % 2 == 0 else frontend.dispense
        await method([well], [50])
        os.write(log, json.dumps({"n": n, "op": "aspirate" if n % 2 == 0 else "dispense", "vols": [50]}).encode() + b"\n")
        os.fdatasync(log)
    return (time.perf_counter() - began) * 1000 / COMMANDS_PER_BLOCK


def measure_block(client: Any, number: int) -> float:
    first = 100 + number * COMMANDS_PER_BLOCK
    methods = ["aspirate" if n % 2 == 0 else "dispense" for n in range(COMMANDS_PER_BLOCK)]
    commands = [make_command(first + n, method, {"resources": [WELL], "vols": [50]}) for n, method in enumerate(methods)]
    began = time.perf_counter()
    reply = client.ask("block.run", commands=commands)
    took_ms = (time.perf_counter() - began) * 1000 / COMMANDS_PER_BLOCK
    assert all(outcome["status"] == "completed" for outcome in reply["outcomes"]), reply["outcomes"][-1]
    return took_ms


def main() -> None:
    sys.stdout.flush()
    out = os.fdopen(os.dup(1), "w")
    # The bare loop prints as the simulator does; in the bridge that goes to the log.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    workcell = Workcell(read_demo_workcell(BACKEND))
    loop = asyncio.new_event_loop()
    loop.run_until_complete(workcell.connect_simulators())
    frontend = workcell.machines["star"].frontend
    loop.run_until_complete(frontend.pick_up_tips([workcell.find("tips_1").get_item("A1")]))
    well = workcell.find("plate_1").get_item("A1")
    bridge = BridgeProcess()
    try:
        bridge.start()
        client = bridge.connect()
        client.ask("workcell.apply", spec=read_demo_workcell(BACKEND))
        client.ask("command.run", **make_command(1, "pick_up_tips", {"tip_spots": [at_item("tips_1", "A1")]}))
        log = os.open(bridge.folder / "bare.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        bare: list[float] = []
        blocks: list[float] = []
        for number in range(ROUNDS + 1):
            for measure in ("bare", "block") if number % 2 == 0 else ("block", "bare"):
                if measure == "bare":
                    bare.append(loop.run_until_complete(measure_bare(frontend, well, log)))
                else:
                    blocks.append(measure_block(client, number))
        ratios = [block / floor for block, floor in zip(blocks[1:], bare[1:])]
        print(f"bare loop with a synced line  median {statistics.median(bare[1:]):.3f} ms a command", file=out)
        print(f"block                         median {statistics.median(blocks[1:]):.3f} ms a command", file=out)
        print(f"ratio                         median {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})", file=out)
    finally:
        bridge.remove()
        out.flush()


if __name__ == "__main__":
    main()
