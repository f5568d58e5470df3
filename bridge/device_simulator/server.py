"""The socket: reads one request per line, has it served, and sends the answer, or what a fault puts in its place."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from typing import Any

from .acting import Actor, Order, World
from .answers import GARBAGE, Answer
from .control import make_controls

logger = logging.getLogger("device_simulator")

LINE_LIMIT_BYTES = 1024 * 1024
HUGE_REPLY_BYTES = 50 * 1024 * 1024
HUGE_PIECE_BYTES = 64 * 1024


class Server:
    """Owns the connections."""

    def __init__(self, world: World, actor: Actor) -> None:
        self._actor = actor
        self._controls = make_controls(world, actor)
        # Connections on which a device was addressed: they break when its power goes.
        self._links: dict[str, set[asyncio.StreamWriter]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.stopped = asyncio.Event()

    async def listen(self, path: str) -> asyncio.Server:
        if os.path.exists(path):
            os.unlink(path)
        server = await asyncio.start_unix_server(self._serve_connection, path, limit=LINE_LIMIT_BYTES)
        os.chmod(path, 0o600)
        return server

    async def _serve_connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                # A driver that goes away stops nothing: what it asked for goes on.
                task = asyncio.get_running_loop().create_task(self._serve_line(line, writer))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        except (OSError, ValueError) as error:
            logger.warning("a connection ended: %s", error)
        finally:
            self._forget(writer)

    async def _serve_line(self, line: bytes, writer: asyncio.StreamWriter) -> None:
        try:
            request = json.loads(line)
            request_id = request["id"]
            if "control" in request:
                answer = self._control(request)
            else:
                order = _read_order(request)
                self._links.setdefault(order.device, set()).add(writer)
                answer = await self._actor.serve(order)
        except Exception as error:  # Whatever is wrong with it, others must still be served.
            logger.warning("a request that is none: %s", error, exc_info=True)
            request_id = None
            answer = Answer(error={"type": "BadRequest", "message": f"{type(error).__name__}: {error}"}, closes=True)
        try:
            await _send(request_id, answer, writer)
        except OSError as error:
            logger.info("nobody takes the answer: %s", error)
        if answer.closes:
            self._forget(writer)

    def _control(self, request: dict[str, Any]) -> Answer:
        name = request["control"]
        if name == "shutdown":
            self.stopped.set()
            return Answer({})
        control = self._controls.get(name)
        try:
            if control is None:
                raise ValueError(f"{name!r} is no control; known are: {', '.join([*self._controls, 'shutdown'])}.")
            result = control(request)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return Answer(error={"type": "BadControl", "message": f"{type(error).__name__}: {error}"})
        if name == "power.cycle":
            for writer in list(self._links.get(request["device"], ())):
                self._forget(writer)
        return Answer(result)

    def _forget(self, writer: asyncio.StreamWriter) -> None:
        for writers in self._links.values():
            writers.discard(writer)
        writer.close()


def _read_order(request: dict[str, Any]) -> Order:
    device, kind, op, args = (request[name] for name in ("device", "kind", "op", "args"))
    if not all(isinstance(text, str) for text in (device, kind, op)) or not isinstance(args, dict):
        raise ValueError("device, kind and op are texts, args is an object")
    return Order(device, kind, op, args, request.get("commandId"), request.get("fence"))


async def _send(request_id: Any, answer: Answer, writer: asyncio.StreamWriter) -> None:
    if answer.delay_ms > 0:
        await asyncio.sleep(answer.delay_ms / 1000)
    if answer.is_silent:
        return
    if answer.garbage == "huge-reply":
        writer.write(b'{"id":%d,"ok":true,"result":"' % request_id)
        for _ in range(HUGE_REPLY_BYTES // HUGE_PIECE_BYTES):
            writer.write(b"x" * HUGE_PIECE_BYTES)
            await writer.drain()
        writer.write(b'"}\n')
    elif answer.garbage == "wrong-reply":
        writer.write(GARBAGE)
    else:
        writer.write(_encode(request_id, answer) + b"\n")
    await writer.drain()


def _encode(request_id: Any, answer: Answer) -> bytes:
    if answer.error is not None:
        return json.dumps({"id": request_id, "ok": False, "error": answer.error}).encode()
    # NaN is no JSON; a driver must bear it all the same.
    result = float("nan") if answer.garbage == "nan-reply" else answer.result
    return json.dumps({"id": request_id, "ok": True, "result": result}).encode()
