"""The wire: newline-delimited JSON-RPC 2.0 on a unix socket. Garbage ends its connection, never the bridge."""

from __future__ import annotations

import asyncio
import logging
import os
import stat
from typing import TypeGuard

from ..drivers.exceptions import to_refusal
from ..wire.errors import BridgeError
from ..wire.jsontext import JsonError, dump_json, parse_json
from ..wire.shapes import JsonObject
from .bridge import Bridge

logger = logging.getLogger("praxis.server")

LINE_LIMIT_BYTES = 8 * 1024 * 1024
REQUESTS_PER_CONNECTION_LIMIT = 256
CONNECTIONS_LIMIT = 64
CLOSE_GRACE_S = 1.0

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
REFUSED = -32000


class Connection:
    """Owns one client's socket."""

    def __init__(self, bridge: Bridge, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._bridge = bridge
        self._reader = reader
        self._writer = writer
        self._slots = asyncio.Semaphore(REQUESTS_PER_CONNECTION_LIMIT)
        self.tasks: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        try:
            while await self._take_line():
                pass
        except ConnectionError as error:
            logger.info("a client went away: %s", error)
        finally:
            self._writer.close()

    async def _take_line(self) -> bool:
        """False when the connection is over: closed by the client, or out of step after garbage."""
        try:
            line = await self._reader.readuntil(b"\n")
        except asyncio.IncompleteReadError:
            return False
        except asyncio.LimitOverrunError:
            await self._refuse(None, PARSE_ERROR, BridgeError("LINE_TOO_LONG", f"A line is longer than {LINE_LIMIT_BYTES} bytes."))
            return False
        try:
            request = parse_json(line)
        except JsonError as error:
            await self._refuse(None, PARSE_ERROR, BridgeError("MALFORMED_JSON", f"The line is {error}."))
            return False
        if not _is_request(request):
            await self._refuse(None, INVALID_REQUEST, BridgeError("INVALID_REQUEST", "The line is no JSON-RPC 2.0 request with an id."))
            return False
        await self._slots.acquire()
        task = asyncio.get_running_loop().create_task(self._answer(request))
        self.tasks.add(task)
        task.add_done_callback(self._finish)
        return True

    async def _answer(self, request: JsonObject) -> None:
        method = self._bridge.methods.get(request["method"])
        try:
            if method is None:
                unknown = BridgeError("INVALID_REQUEST", f"The bridge has no method {request['method'][:100]!r}.")
                await self._refuse(request["id"], METHOD_NOT_FOUND, unknown)
                return
            result = await method(request.get("params", {}))
            await self._send({"jsonrpc": "2.0", "id": request["id"], "result": result})
        except ConnectionError as error:
            logger.info("the answer to %s found nobody: %s", request["method"], error)
        except BridgeError as error:
            await self._refuse(request["id"], INVALID_PARAMS if error.code == "INVALID_REQUEST" else REFUSED, error)
        except Exception as error:
            logger.exception("%s failed", request["method"])
            await self._refuse(request["id"], REFUSED, to_refusal(error, f"{request['method']} failed"))

    async def _refuse(self, request_id: object, number: int, error: BridgeError) -> None:
        record = {"code": number, "message": str(error), "data": {"code": error.code}}
        try:
            await self._send({"jsonrpc": "2.0", "id": request_id, "error": record})
        except ConnectionError as lost:
            logger.info("a refusal found nobody: %s", lost)

    async def _send(self, message: JsonObject) -> None:
        self._writer.write(dump_json(message).encode() + b"\n")
        await self._writer.drain()

    def _finish(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        self._slots.release()
        if not task.cancelled() and task.exception() is not None:
            logger.error("an answer failed", exc_info=task.exception())


class Server:
    """Owns the listening socket and its open connections."""

    def __init__(self, listener: asyncio.Server, connections: set[Connection]) -> None:
        self._listener = listener
        self._connections = connections

    async def close(self) -> None:
        self._listener.close()
        await finish_answers(self._connections)


async def finish_answers(connections: set[Connection]) -> None:
    """Answers that are on their way get a moment to leave."""
    answers = [task for connection in connections for task in connection.tasks]
    if answers:
        await asyncio.wait(answers, timeout=CLOSE_GRACE_S)


async def open_server(bridge: Bridge, socket_path: str) -> Server:
    """Listens for this user only. The caller holds the journal's lock, so an old socket file belongs to nobody."""
    if os.path.exists(socket_path) and stat.S_ISSOCK(os.stat(socket_path).st_mode):
        os.unlink(socket_path)
    open_connections: set[Connection] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(open_connections) >= CONNECTIONS_LIMIT:
            writer.close()
            return
        connection = Connection(bridge, reader, writer)
        open_connections.add(connection)
        try:
            await connection.serve()
        finally:
            open_connections.discard(connection)

    previous = os.umask(0o177)
    try:
        return Server(await asyncio.start_unix_server(accept, socket_path, limit=LINE_LIMIT_BYTES), open_connections)
    finally:
        os.umask(previous)


def _is_request(value: object) -> TypeGuard[JsonObject]:
    if not isinstance(value, dict) or value.get("jsonrpc") != "2.0" or not isinstance(value.get("method"), str):
        return False
    request_id = value.get("id")
    is_id = isinstance(request_id, (str, int)) and not isinstance(request_id, bool)
    return is_id and isinstance(value.get("params", {}), dict)
