"""Who may speak to a bridge over TCP: whoever says the token in the first line, within a few seconds and a few hundred bytes.

The token is compared in constant time, is never logged, and lies in a file that only its user may read.
"""

from __future__ import annotations

import hmac
import os
import socket
import ssl
import stat
from dataclasses import dataclass, field

from ..wire.errors import BridgeError
from ..wire.jsontext import JsonError, parse_json
from ..wire.shapes import JsonObject

# Told in the first answer, so that a client of another version asks for nothing.
WIRE_VERSION = 1
AUTHENTICATION_LIMIT_S = 5.0
AUTHENTICATION_LINE_LIMIT_BYTES = 2048
# Connections that have not said the token yet; the next one is closed at once.
UNAUTHENTICATED_LIMIT = 16
TOKEN_MIN_CHARACTERS = 32
TOKEN_MAX_CHARACTERS = 512
BACKLOG_CONNECTIONS = 64
REFUSED = -32000
# A peer that lost power or its cable is let go after 10 + 3 × 5 s.
KEEPALIVE_OPTIONS = {"TCP_KEEPIDLE": 10, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3}


class EntranceError(Exception):
    """What is wrong with the address, the token file or the certificate, for the person who started the bridge."""


@dataclass(frozen=True)
class Entrance:
    """What a client must bring."""

    token: bytes = field(repr=False)
    tls: ssl.SSLContext | None

    def answer(self, line: bytes) -> tuple[bool, JsonObject]:
        """Whether the client may go on, and what it is told."""
        try:
            request = parse_json(line)
        except JsonError:
            request = None
        if not isinstance(request, dict):
            return False, refuse()
        request_id = request.get("id") if isinstance(request.get("id"), (int, str)) else None
        params = request.get("params")
        given = params.get("token") if isinstance(params, dict) else None
        if request.get("method") != "authenticate" or not isinstance(given, str):
            return False, refuse(request_id)
        if not hmac.compare_digest(given.encode(errors="replace"), self.token):
            return False, refuse(request_id)
        return True, {"jsonrpc": "2.0", "id": request_id, "result": {"wireVersion": WIRE_VERSION}}


def refuse(request_id: object = None) -> JsonObject:
    error = BridgeError("UNAUTHORISED", "The first line must be authenticate with the token of this bridge.")
    return {"jsonrpc": "2.0", "id": request_id, "error": {"code": REFUSED, "message": str(error), "data": {"code": error.code}}}


def read_token(path: str) -> bytes:
    """Raises EntranceError for a file that others may read, or that holds no token."""
    try:
        with open(path, "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
                raise EntranceError(f"{path} must be a file of your own that nobody else may read: chmod 600 {path}.")
            token = file.read(TOKEN_MAX_CHARACTERS + 2).strip()
    except OSError as error:
        raise EntranceError(f"The token file {path} can't be read: {error.strerror}.") from error
    if not TOKEN_MIN_CHARACTERS <= len(token) <= TOKEN_MAX_CHARACTERS or not token.isascii() or b"\n" in token:
        raise EntranceError(f"{path} must hold one line of {TOKEN_MIN_CHARACTERS} to {TOKEN_MAX_CHARACTERS} ASCII characters.")
    return token


def read_certificate(certificate_path: str | None, key_path: str | None) -> ssl.SSLContext | None:
    if certificate_path is None and key_path is None:
        return None
    if certificate_path is None or key_path is None:
        raise EntranceError("Give both --tls-certificate and --tls-key.")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate_path, key_path)
    except (OSError, ssl.SSLError) as error:
        raise EntranceError(f"{certificate_path} and {key_path} are no certificate and its key: {error}.") from error
    return context


def open_ports(address: str) -> tuple[socket.socket, socket.socket]:
    """The listening sockets of the wire and, on the next port, of stopping everything."""
    host, _, port_text = address.rpartition(":")
    port = int(port_text) if port_text.isdecimal() else 0
    if host == "" or not 1 <= port <= 65534:
        raise EntranceError(f"--listen must be HOST:PORT with a port from 1 to 65534, not {address!r}.")
    wire = _listen(host.strip("[]"), port)
    try:
        return wire, _listen(host.strip("[]"), port + 1)
    except EntranceError:
        wire.close()
        raise


def keep_alive(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for name, value in KEEPALIVE_OPTIONS.items():
        if hasattr(socket, name):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=BACKLOG_CONNECTIONS)
    except OSError as error:
        raise EntranceError(f"The bridge can't listen on {host}:{port}: {error.strerror or error}.") from error
