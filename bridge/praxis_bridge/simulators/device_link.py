"""The connection of a simulated backend to its device in the device simulator: one JSON per line on a unix socket.

What it raises says what is known: DeviceReplyError is the device's own answer; a lost, silent or babbling connection leaves
the operation in doubt. Nothing is sent again: it reconnects when the next operation comes.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from pylabrobot.liquid_handling.errors import ChannelizedError
from pylabrobot.resources import Resource
from pylabrobot.resources.errors import HasTipError, NoTipError, TooLittleLiquidError, TooLittleVolumeError

from ..journal.trace import current_trace
from .device_matter import describe_fresh

LINE_LIMIT_BYTES = 1024 * 1024
CONNECT_TIMEOUT_S = 5.0
REPLY_TIMEOUT_S = 120.0

# Types of errors that PyLabRobot has a class for.
ERROR_CLASSES: dict[str, type[Exception]] = {
    "NoTip": NoTipError,
    "HasTip": HasTipError,
    "TooLittleLiquid": TooLittleLiquidError,
    "TooLittleVolume": TooLittleVolumeError,
}


class DeviceReplyError(Exception):
    """The device answered that it did not do it, so the outcome is known."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.type = kind


class DevicePartDoneError(Exception):
    """The device answered that it did a part of it and does not know how much."""


class DeviceTimeoutError(TimeoutError):
    """The device did not answer in time; it may act yet."""


class DeviceLink:
    """Owns the connection of one backend. Operations may overlap: a stop is sent beside a motion."""

    def __init__(self, socket: str, device: str, kind: str, reply_timeout_s: float = REPLY_TIMEOUT_S) -> None:
        self.socket, self.device, self._kind = socket, device, kind
        self._reply_timeout_s = reply_timeout_s
        self._writer: asyncio.StreamWriter | None = None
        self._reader_task: asyncio.Task[None] | None = None
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._last_id = 0
        self._opening = asyncio.Lock()

    async def connect(self) -> None:
        """Opens the connection where there is none. Nothing is sent, so an error here proves that nothing was."""
        async with self._opening:
            if self._writer is not None:
                return
            opened = asyncio.open_unix_connection(self.socket, limit=LINE_LIMIT_BYTES)
            try:
                reader, writer = await asyncio.wait_for(opened, CONNECT_TIMEOUT_S)
            except OSError as error:
                raise ConnectionError(f"{self.device} can't be reached at {self.socket}: {error}") from error
            self._writer = writer
            self._reader_task = asyncio.get_running_loop().create_task(self._read_replies(reader, writer))

    async def call(self, op: str, args: dict[str, Any]) -> Any:
        """One operation of the device, under the id and fence of the command that runs."""
        trace = current_trace.get()
        identity = {} if trace is None else trace.body["command"]
        command = {"commandId": None if trace is None else trace.command_id, "fence": identity.get("fence")}
        return _read_result(await self._ask({"device": self.device, "kind": self._kind, "op": op, "args": args, **command}))

    async def control(self, name: str, **given: Any) -> Any:
        """A control request: matter that a person puts, not an act of the device."""
        return _read_result(await self._ask({"control": name, **given}))

    def close(self) -> None:
        if self._writer is not None:
            self._lose(self._writer, ConnectionError("the connection was closed"))

    async def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        await self.connect()
        writer = self._writer
        if writer is None:
            raise ConnectionError(f"the connection to {self.device} was lost")
        self._last_id += 1
        request_id, reply = self._last_id, asyncio.get_running_loop().create_future()
        self._waiting[request_id] = reply
        writer.write(json.dumps({"id": request_id, **request}, allow_nan=False).encode() + b"\n")
        try:
            return await asyncio.wait_for(reply, self._reply_timeout_s)
        except TimeoutError as error:
            raise DeviceTimeoutError(f"{self.device} did not answer within {self._reply_timeout_s:g} s") from error
        finally:
            self._waiting.pop(request_id, None)

    async def _read_replies(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        why = ConnectionError(f"{self.device} closed the connection before it answered")
        try:
            while line := await reader.readline():
                reply = json.loads(line)
                waiting = self._waiting.get(reply["id"])
                if waiting is not None and not waiting.done():
                    waiting.set_result(reply)
        except OSError as error:
            why = ConnectionError(f"the connection to {self.device} broke: {error}")
        except (ValueError, KeyError, TypeError) as error:
            # Too long a line is a ValueError too. After such a reply no other can be trusted.
            why = ConnectionError(f"{self.device} sent what is no reply: {str(error)[:200]}")
        finally:
            self._lose(writer, why)

    def _lose(self, writer: asyncio.StreamWriter, why: ConnectionError) -> None:
        """Everybody who waits on this connection is told; the next operation opens a new one."""
        if self._writer is not writer:
            return
        self._writer = None
        writer.close()
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(why)


class DeviceBackend:
    """Mixed into a PyLabRobot backend that drives a device. `_act` is its way to the wire."""

    DEVICE_KIND: str

    def open_link(self, socket: str, device: str, reply_timeout_s: float) -> None:
        """For the constructor. Nothing is connected before the first operation."""
        self.link = DeviceLink(socket, device, self.DEVICE_KIND, reply_timeout_s)

    async def send_command(self, op: str, args: dict[str, Any]) -> Any:
        """The wire: the bridge counts its calls, so an error before it proves that nothing left."""
        return await self.link.call(op, args)

    async def put_labware(self, items: list[tuple[Resource, dict[str, Any], bool]]) -> None:
        """Fresh labware was put in place of this, with contents as the spec has them: matter, which no device moves. The last of
        each says whether it stands where PyLabRobot has it."""
        described = [(describe_fresh(item, self.link.device, fresh), is_there) for item, fresh, is_there in items]
        await self.link.control("labware.put", labware=[entry if is_there else {**entry, "place": None} for entry, is_there in described])

    async def _act(self, op: str, **args: Any) -> Any:
        await self.link.connect()
        return await self.send_command(op, args)


def _read_result(reply: dict[str, Any]) -> Any:
    if reply.get("ok") is True:
        return reply.get("result")
    error = reply.get("error")
    if not isinstance(error, dict):
        raise ConnectionError(f"the device sent what is no reply: {str(reply)[:200]}")
    type_name, message = str(error.get("type")), str(error.get("message"))
    if type_name == "PartDone":
        raise DevicePartDoneError(message)
    channels = error.get("channels")
    if channels and all(number.isdigit() for number in channels):
        raise ChannelizedError({int(number): _make_error(inner) for number, inner in channels.items()})
    raise DeviceReplyError(type_name, message)


def _make_error(error: dict[str, Any]) -> Exception:
    known = ERROR_CLASSES.get(error["type"])
    return DeviceReplyError(error["type"], error["message"]) if known is None else known(error["message"])
