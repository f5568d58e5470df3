"""A pump to try the driver on: `python simulated_pump.py PORT TAPE`. It moves in real time, halts when told, refuses what does
not fit into its syringe, and writes a line to its tape for each motion that it begins.
"""

from __future__ import annotations

import asyncio
import sys

SYRINGE_UL = 1000.0
STEP_S = 0.02


class Pump:
    def __init__(self, tape: str) -> None:
        self._tape = tape
        self._position_ul = 0.0
        self._is_halting = False

    async def answer(self, line: str) -> str:
        word, *given = line.split()
        if word == "POSITION":
            return f"OK {self._position_ul:g}"
        if word == "HALT":
            self._is_halting = True
            return "OK"
        with open(self._tape, "a") as tape:
            tape.write(line + "\n")
        if word == "VALVE":
            return "OK"
        return await self._move(float(given[0]) * (1 if word == "ASPIRATE" else -1), float(given[1]))

    async def _move(self, volume_ul: float, speed_ul_per_s: float) -> str:
        goal_ul = self._position_ul + volume_ul
        if not 0 <= goal_ul <= SYRINGE_UL:
            return f"ERR {goal_ul:g} uL is outside the syringe"
        self._is_halting = False
        step_ul = speed_ul_per_s * STEP_S * (1 if volume_ul > 0 else -1)
        while not self._is_halting and abs(goal_ul - self._position_ul) > abs(step_ul):
            await asyncio.sleep(STEP_S)
            self._position_ul += step_ul
        if not self._is_halting:
            self._position_ul = goal_ul
        return "ERR halted" if self._is_halting else "OK"


async def main(port: int, tape: str) -> None:
    pump = Pump(tape)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reply = await pump.answer((await reader.readline()).decode().strip())
        try:
            writer.write(reply.encode() + b"\n")
            await writer.drain()
        except ConnectionError:
            pass  # Whoever asked has gone; the motion was made all the same.
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
