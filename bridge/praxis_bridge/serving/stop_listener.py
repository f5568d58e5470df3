"""The second socket of a bridge, for stopping everything: answered by threads of its own, also while a driver blocks the loop.

The same JSON-RPC lines as on the first one, with the methods of the latch alone. Only its user may open it; over TCP, on the
port after that of the wire, whoever says the token.
"""

from __future__ import annotations

import logging
import os
import socket
import socketserver
import stat
import sys
import threading
from collections.abc import Callable

from ..drivers.exceptions import describe
from ..wire.errors import BridgeError
from ..wire.jsontext import JsonError, dump_json, parse_json
from ..wire.shapes import JsonObject
from .entrance import (
    AUTHENTICATION_LIMIT_S,
    AUTHENTICATION_LINE_LIMIT_BYTES,
    BACKLOG_CONNECTIONS,
    UNAUTHENTICATED_LIMIT,
    Entrance,
    keep_alive,
)
from .seats import Seats

logger = logging.getLogger("praxis.stop_listener")

SOCKET_ENDING = ".sock"
STOP_SOCKET_ENDING = ".stop"
LINE_LIMIT_BYTES = 64 * 1024
# A client that says nothing is let go, and sooner where another one wants its seat.
IDLE_LIMIT_S = 60.0
CONNECTIONS_LIMIT = 32

Methods = dict[str, Callable[[JsonObject], JsonObject]]


def to_stop_socket(socket_path: str) -> str:
    """domain/wire/wire.ts has the same rule."""
    return socket_path.removesuffix(SOCKET_ENDING) + STOP_SOCKET_ENDING


class StopListener(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """Owns the socket and its threads, which end with the process."""

    daemon_threads = True
    request_queue_size = BACKLOG_CONNECTIONS

    def __init__(self, methods: Methods, socket_path: str) -> None:
        self.methods = methods
        self.seats = Seats(CONNECTIONS_LIMIT)
        self._path = socket_path
        # The caller holds the journal's lock, so an old socket file belongs to nobody.
        if os.path.exists(socket_path) and stat.S_ISSOCK(os.stat(socket_path).st_mode):
            os.unlink(socket_path)
        previous = os.umask(0o177)
        try:
            super().__init__(socket_path, _Connection)
        finally:
            os.umask(previous)
        threading.Thread(target=self.serve_forever, name="stop-listener", daemon=True).start()

    def close(self) -> None:
        self.shutdown()
        self.server_close()
        os.unlink(self._path)


class TcpStopListener(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """The same over TCP. Who has not said the token has seats of its own, so that nobody from outside takes those of people."""

    daemon_threads = True

    def __init__(self, methods: Methods, listening: socket.socket, entrance: Entrance) -> None:
        self.methods = methods
        self.seats = Seats(CONNECTIONS_LIMIT)
        self.entrance = entrance
        self.entrance_seats = Seats(UNAUTHENTICATED_LIMIT)
        super().__init__(("", 0), _TcpConnection, bind_and_activate=False)
        self.socket.close()
        self.socket = listening
        threading.Thread(target=self.serve_forever, name="tcp-stop-listener", daemon=True).start()

    def handle_error(self, request: object, client_address: object) -> None:
        logger.info("a connection from outside ended: %s", sys.exc_info()[1])

    def close(self) -> None:
        self.shutdown()
        self.server_close()


class _Connection(socketserver.StreamRequestHandler):
    server: StopListener | TcpStopListener
    timeout = IDLE_LIMIT_S

    def handle(self) -> None:
        try:
            self._seat = self.server.seats.sit(self._cut)
        except ConnectionRefusedError as error:
            logger.info("a client was sent away: %s", error)
            return
        try:
            while self._take_line():
                pass
        except OSError as error:
            logger.info("a client went away, said nothing or lost its seat: %s", error)
        finally:
            self._seat.leave()

    def _cut(self) -> None:
        try:
            socket.socket.shutdown(self.request, socket.SHUT_RDWR)
        except OSError:
            pass  # It has gone by itself.

    def _take_line(self) -> bool:
        """False when the connection is over: closed by the client, or out of step after garbage."""
        line = self.rfile.readline(LINE_LIMIT_BYTES)
        if line == b"":
            return False
        self._seat.begin_work()
        try:
            return self._take_request(line)
        finally:
            self._seat.end_work()

    def _take_request(self, line: bytes) -> bool:
        try:
            request = parse_json(line)
        except JsonError as error:
            self._send({"jsonrpc": "2.0", "id": None, "error": _to_record(BridgeError("MALFORMED_JSON", f"The line is {error}."))})
            return False
        if not isinstance(request, dict) or not isinstance(request.get("params", {}), dict):
            self._send({"jsonrpc": "2.0", "id": None, "error": _to_record(BridgeError("INVALID_REQUEST", "The line is no request."))})
            return False
        self._send({"jsonrpc": "2.0", "id": request.get("id"), **self._answer(request)})
        return True

    def _answer(self, request: JsonObject) -> JsonObject:
        method = self.server.methods.get(str(request.get("method")))
        try:
            if method is None:
                raise BridgeError("INVALID_REQUEST", "This socket takes stop.all, stop.release and stop.status.")
            return {"result": method(request.get("params", {}))}
        except BridgeError as error:
            return {"error": _to_record(error)}
        except Exception as error:  # The next person must still be able to stop everything.
            logger.exception("%s failed", request.get("method"))
            return {"error": _to_record(BridgeError("INTERNAL", describe(error)))}

    def _send(self, message: JsonObject) -> None:
        self.wfile.write(dump_json(message).encode() + b"\n")


class _TcpConnection(_Connection):
    server: TcpStopListener

    def setup(self) -> None:
        """A handshake and a token that do not come in time end the connection before it is handled."""
        seat = self.server.entrance_seats.sit(self._cut)
        end = threading.Timer(AUTHENTICATION_LIMIT_S, self._cut)
        try:
            end.start()
            keep_alive(self.request)
            tls = self.server.entrance.tls
            if tls is not None:
                self.request = tls.wrap_socket(self.request, server_side=True, do_handshake_on_connect=False)
                self.request.do_handshake()
            super().setup()
            is_known, reply = self.server.entrance.answer(self.rfile.readline(AUTHENTICATION_LINE_LIMIT_BYTES))
            self._send(reply)
            if not is_known:
                raise ConnectionRefusedError("a client did not say the token")
        finally:
            end.cancel()
            seat.leave()

    def finish(self) -> None:
        super().finish()
        # Under TLS this is another object than the one that the server closes.
        self.request.close()


def _to_record(error: BridgeError) -> JsonObject:
    return {"code": -32000, "message": str(error), "data": {"code": error.code}}
