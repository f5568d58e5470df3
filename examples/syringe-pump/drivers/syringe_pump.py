"""A syringe pump that speaks one line of text per command over TCP: `DISPENSE 100 50` is answered with `OK` or `ERR words`.

Nothing here knows of the journal: the bridge stands around this class. Two things help it to judge errors: every byte leaves
through `_write_and_read_command`, and an answer of the pump itself is a DeviceReplyError.
"""

from __future__ import annotations

import asyncio

from praxis_bridge.drivers.foreign import DeviceReplyError

CONNECT_TIMEOUT_S = 5.0
REPLY_TIMEOUT_S = 120.0


class SyringePump:
    def __init__(self, host: str = "127.0.0.1", port: int = 4000) -> None:
        self._address = (host, port)

    async def setup(self) -> None:
        await self._write_and_read_command("POSITION")

    async def stop(self) -> None:
        pass

    async def select_valve(self, valve: int) -> None:
        await self._write_and_read_command(f"VALVE {valve}")

    async def aspirate(self, volume_ul: float, speed_ul_per_s: float = 50.0) -> None:
        await self._write_and_read_command(f"ASPIRATE {volume_ul:g} {speed_ul_per_s:g}")

    async def dispense(self, volume_ul: float, speed_ul_per_s: float = 50.0) -> None:
        await self._write_and_read_command(f"DISPENSE {volume_ul:g} {speed_ul_per_s:g}")

    async def halt(self) -> None:
        await self._write_and_read_command("HALT")

    async def read_position(self) -> float:
        """Microlitres in the syringe."""
        return float(await self._write_and_read_command("POSITION"))

    async def _write_and_read_command(self, line: str) -> str:
        """One connection for each line, so that HALT never waits behind a motion."""
        reader, writer = await asyncio.wait_for(asyncio.open_connection(*self._address), CONNECT_TIMEOUT_S)
        try:
            writer.write(line.encode() + b"\n")
            reply = (await asyncio.wait_for(reader.readline(), REPLY_TIMEOUT_S)).decode().strip()
        finally:
            writer.close()
        if reply == "":
            raise ConnectionError("the pump closed the connection without an answer")
        word, _, rest = reply.partition(" ")
        if word == "ERR":
            raise DeviceReplyError(rest)
        return rest


class SimulatedSyringePump(SyringePump):
    """The same driver against `simulated_pump.py`: connecting moves nothing there."""
