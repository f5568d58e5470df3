"""The wire over TCP, for an instrument PC. Until a client has said the token it costs a few bytes and seconds, and gets nothing."""

from __future__ import annotations

import asyncio
import logging
import socket

from ..wire.jsontext import dump_json
from .bridge import Bridge
from .entrance import AUTHENTICATION_LIMIT_S, AUTHENTICATION_LINE_LIMIT_BYTES, UNAUTHENTICATED_LIMIT, Entrance, keep_alive, refuse
from .server import CONNECTIONS_LIMIT, LINE_LIMIT_BYTES, Connection, finish_answers

logger = logging.getLogger("praxis.tcp_server")

# After an accept that failed, for example because the process has too many files open.
ACCEPT_AGAIN_S = 0.5


class TcpServer:
    """Owns the listening socket and its connections."""

    def __init__(self, bridge: Bridge, listening: socket.socket, entrance: Entrance) -> None:
        self._bridge = bridge
        self._listening = listening
        self._entrance = entrance
        self._open: set[Connection] = set()
        # Who has been outside longest comes first.
        self._outside: dict[asyncio.Task[None], socket.socket] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        listening.setblocking(False)
        self._accepting = asyncio.get_running_loop().create_task(self._accept_for_ever())

    async def close(self) -> None:
        self._accepting.cancel()
        self._listening.close()
        await finish_answers(self._open)

    async def _accept_for_ever(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                accepted, _ = await loop.sock_accept(self._listening)
            except OSError as error:
                logger.error("a connection can't be accepted: %s", error)
                await asyncio.sleep(ACCEPT_AGAIN_S)
                continue
            if len(self._open) >= CONNECTIONS_LIMIT:
                accepted.close()
                continue
            if len(self._outside) >= UNAUTHENTICATED_LIMIT:
                # Nobody who only connects keeps out who has the token.
                _cut(self._outside.pop(next(iter(self._outside))))
            task = loop.create_task(self._serve(accepted))
            self._outside[task] = accepted
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _serve(self, accepted: socket.socket) -> None:
        try:
            streams = await self._admit(accepted)
        finally:
            self._outside.pop(asyncio.current_task(), None)  # type: ignore[arg-type]
        if streams is None:
            return
        connection = Connection(self._bridge, *streams)
        self._open.add(connection)
        try:
            await connection.serve()
        finally:
            self._open.discard(connection)

    async def _admit(self, accepted: socket.socket) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        """The streams of a client that said the token; None for everybody else, who is gone then."""
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=LINE_LIMIT_BYTES)
        protocol = asyncio.StreamReaderProtocol(reader)
        transport = None
        try:
            async with asyncio.timeout(AUTHENTICATION_LIMIT_S):
                keep_alive(accepted)
                transport, _ = await loop.connect_accepted_socket(lambda: protocol, accepted, ssl=self._entrance.tls)
                writer = asyncio.StreamWriter(transport, protocol, reader, loop)
                is_known, reply = self._entrance.answer(await _read_short_line(reader))
                writer.write(dump_json(reply).encode() + b"\n")
                await writer.drain()
                if is_known:
                    return reader, writer
        except (OSError, asyncio.IncompleteReadError) as error:
            # TimeoutError is an OSError.
            logger.info("a client did not say the token: %s", type(error).__name__)
            if transport is not None and isinstance(error, TimeoutError):
                transport.write(dump_json(refuse()).encode() + b"\n")
        if transport is None:
            accepted.close()
        else:
            transport.close()
        return None


def _cut(connection: socket.socket) -> None:
    """Whoever serves it sees its end and closes it."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # It has gone by itself.


async def _read_short_line(reader: asyncio.StreamReader) -> bytes:
    """Byte by byte, so that a line without an end is never gathered. What is too long is no token."""
    line = bytearray()
    while len(line) < AUTHENTICATION_LINE_LIMIT_BYTES:
        byte = await reader.readexactly(1)
        if byte == b"\n":
            return bytes(line)
        line += byte
    return b""
