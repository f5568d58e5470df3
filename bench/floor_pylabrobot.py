"""The floor of a command: plain PyLabRobot calls on the deck of a workcell file, asked for by lines on stdin.

No journal, no boundary, no codec beyond looking labware up by name. `["reset", null]` makes a fresh deck; `["loop", …]` makes many
calls as a script would. Each answer is one line `{"ms": …}`, with `error` where the call raised.
"""

import asyncio
import json
import os
import sys
import time
from typing import Any

# PyLabRobot prints; answers go to the real stdout.
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

from pylabrobot.liquid_handling import LiquidHandler  # noqa: E402
from pylabrobot.liquid_handling.backends.hamilton.STAR_chatterbox import STARChatterboxBackend  # noqa: E402
from pylabrobot.resources import set_tip_tracking, set_volume_tracking  # noqa: E402

from praxis_bridge.plr.deck import build_deck, fill_fresh, make_labware, place_labware  # noqa: E402
from praxis_bridge.simulators.device_liquid_handler import DeviceLiquidHandlerBackend  # noqa: E402


async def make_handler(spec: dict[str, Any]) -> LiquidHandler:
    set_tip_tracking(True)
    set_volume_tracking(True)
    deck = build_deck(spec["deck"])
    for each in spec["labware"]:
        # What stands in a machine is out of reach here.
        if "carrier" in each["location"]:
            labware = make_labware(each)
            place_labware(deck, labware, each["location"])
            fill_fresh(labware, each["fresh"])
    handler = LiquidHandler(backend=make_backend(spec["machines"]), deck=deck)
    await handler.setup()
    return handler


def make_backend(machines: list[dict[str, Any]]) -> Any:
    """The first machine in the device simulator where it stands there, else PyLabRobot's own simulator."""
    first = machines[0]
    return (
        DeviceLiquidHandlerBackend(**first["backendArguments"])
        if first["backend"] == "DeviceLiquidHandlerBackend"
        else STARChatterboxBackend()
    )


def find(handler: LiquidHandler, reference: Any) -> Any:
    if isinstance(reference, dict) and "$item" in reference:
        labware, position = reference["$item"]
        return handler.deck.get_resource(labware).get_item(position)
    if isinstance(reference, dict) and "$ref" in reference:
        return handler.deck.get_resource(reference["$ref"])
    return [find(handler, each) for each in reference] if isinstance(reference, list) else reference


async def call(handler: LiquidHandler, method: str, given: dict[str, Any]) -> None:
    await getattr(handler, method)(**{name: find(handler, value) for name, value in given.items()})


async def loop(handler: LiquidHandler, calls: list[Any], tape_file: str | None) -> None:
    """With a tape what a careful script does by itself: a synced line for each command, so that one knows how far it came."""
    if tape_file is None:
        for method, given in calls:
            await call(handler, method, given)
        return
    tape = os.open(tape_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        for n, (method, given) in enumerate(calls):
            await call(handler, method, given)
            os.write(tape, json.dumps({"n": n, "method": method, "arguments": given}).encode() + b"\n")
            os.fdatasync(tape)
    finally:
        os.close(tape)


async def main(spec_file: str) -> None:
    with open(spec_file, encoding="utf-8") as file:
        spec = json.load(file)
    handler = await make_handler(spec)
    for line in sys.stdin:
        method, given = json.loads(line)
        answer: dict[str, Any] = {}
        began = time.perf_counter()
        try:
            if method == "reset":
                await handler.stop()
                handler = await make_handler(spec)
            elif method == "loop":
                await loop(handler, **given)
            else:
                await call(handler, method, given)
        except Exception as error:
            answer["error"] = f"{type(error).__name__}: {error}"
        answer["ms"] = (time.perf_counter() - began) * 1000
        print(json.dumps(answer), file=answers, flush=True)


asyncio.run(main(sys.argv[1]))
