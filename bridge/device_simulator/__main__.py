"""Starts the device simulator: `python -m device_simulator --socket PATH --tape PATH --state PATH [--motion-ms 0]`.

With --print-ready it says "ready" on stdout once it listens. SIGTERM and the control `shutdown` end it; a kill loses nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal

from .acting import Actor, World
from .faults import Faults
from .physics import Physics
from .server import Server
from .store import Store
from .tape import Tape


def main() -> None:
    parser = argparse.ArgumentParser(prog="device_simulator")
    parser.add_argument("--socket", required=True, help="unix socket to listen on")
    parser.add_argument("--tape", required=True, help="file to which every physical act is appended")
    parser.add_argument("--state", required=True, help="file that keeps the physics between processes")
    parser.add_argument("--motion-ms", type=float, default=0.0, help="how long a motion takes")
    parser.add_argument("--print-ready", action="store_true")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    asyncio.run(_serve(arguments))


async def _serve(arguments: argparse.Namespace) -> None:
    physics, tape = Physics(), Tape(arguments.tape)
    store = Store(arguments.state, physics, tape)
    store.load()
    world = World(physics, tape, store, Faults(store), arguments.motion_ms / 1000)
    actor = Actor(world)
    actor.finish_killed_motions()
    server = Server(world, actor)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, server.stopped.set)
    async with await server.listen(arguments.socket):
        if arguments.print_ready:
            print("ready", flush=True)
        await server.stopped.wait()
    store.save()


if __name__ == "__main__":
    main()
