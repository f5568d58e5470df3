"""Starts the bridge: `python -m praxis_bridge --socket PATH --journal PATH --home PATH`.

On an instrument PC `--listen HOST:PORT --token-file FILE` takes the place of the socket, or stands beside it.
Exit codes: 0 stopped as asked, 2 bad arguments, 3 another bridge owns the journal, 4 the journal is damaged: the last line says what to do.
PyLabRobot prints while it is imported and used, so stdout goes to the log before that.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import socket
import sys
from dataclasses import dataclass
from typing import Any

from .code_hash import compute_code_hash, read_pylabrobot_version
from .serving.entrance import Entrance, EntranceError, open_ports, read_certificate, read_token

# The kernel allows 107 bytes on Linux and 103 on macOS.
SOCKET_PATH_LIMIT_BYTES = 103
SIGNAL_STOP_DEADLINE_MS = 30_000
# Within the home: where images that are too large to travel are kept.
IMAGES_FOLDER = os.path.join("data", "images")
EXIT_BAD_ARGUMENTS = 2
EXIT_LOCKED = 3
EXIT_DAMAGED = 4


def main() -> int:
    arguments = _parse_arguments()
    if arguments.print_hash:
        print(compute_code_hash())
        return 0
    if arguments.list_simulators:
        _print_simulators()
        return 0
    wrong = _find_wrong_argument(arguments)
    if wrong is not None:
        print(wrong, file=sys.stderr)
        return EXIT_BAD_ARGUMENTS
    _redirect_stdout()
    _start_logging()
    from .journal import JournalDamaged, JournalLocked, naming_damage

    try:
        with naming_damage(arguments.journal):
            return _run(arguments)
    except JournalLocked as locked:
        print(locked, file=sys.stderr)
        return EXIT_LOCKED
    except JournalDamaged as damaged:
        print(damaged, file=sys.stderr, flush=True)
        # Tasks of drivers may be there already; waiting for them could hang the exit.
        os._exit(EXIT_DAMAGED)


def _run(arguments: argparse.Namespace) -> int:
    from .journal import Journal

    journal = Journal(arguments.journal)
    from .drivers.foreign import FOLDER_SETTING, DriverFolderError, load_drivers

    try:
        if os.environ.get(FOLDER_SETTING):
            load_drivers(os.path.abspath(os.environ[FOLDER_SETTING]))
        remote = _open_remote(arguments)
    except (EntranceError, DriverFolderError) as error:
        print(error, file=sys.stderr)
        return EXIT_BAD_ARGUMENTS
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    _run_whatever_drivers_raise(loop, loop.create_task(_serve(journal, arguments, remote)))
    journal.close()
    logging.getLogger("praxis").info("stopped")
    # Tasks of drivers and waiting clients end with the process; waiting for them could hang the exit.
    sys.stderr.flush()
    os._exit(0)


def _find_wrong_argument(arguments: argparse.Namespace) -> str | None:
    missing = [name for name in ("journal", "home") if getattr(arguments, name) is None]
    if missing:
        return f"Give --{missing[0]} PATH."
    if arguments.socket is None and arguments.listen is None:
        return "Give --socket PATH, or --listen HOST:PORT."
    if arguments.socket is not None and len(os.fsencode(arguments.socket)) > SOCKET_PATH_LIMIT_BYTES:
        return f"The socket path is longer than {SOCKET_PATH_LIMIT_BYTES} bytes; give a shorter --socket."
    if (arguments.listen is None) != (arguments.token_file is None):
        return "--listen HOST:PORT and --token-file FILE go together."
    return None


@dataclass(frozen=True)
class Remote:
    """Listening sockets for other machines: of the wire, of stopping, and who may come in."""

    wire: socket.socket
    stop: socket.socket
    entrance: Entrance


def _open_remote(arguments: argparse.Namespace) -> Remote | None:
    """Raises EntranceError. Before the workcell is built, so that a port that is taken is told at once."""
    if arguments.listen is None:
        return None
    tls = read_certificate(arguments.tls_certificate, arguments.tls_key)
    entrance = Entrance(read_token(arguments.token_file), tls)
    return Remote(*open_ports(arguments.listen), entrance)


def _print_simulators() -> None:
    from .drivers.registry import FRONTENDS, list_simulators

    for frontend in FRONTENDS:
        print(f"{frontend}: {', '.join(list_simulators(frontend))}")


async def _serve(journal: Any, arguments: argparse.Namespace, remote: Remote | None) -> None:
    from .drivers.imaging import keep_files_in
    from .serving.bridge import Bridge, Identity
    from .serving.server import Server, open_server
    from .serving.stop_listener import StopListener, TcpStopListener, to_stop_socket
    from .serving.tcp_server import TcpServer

    keep_files_in(os.path.join(os.path.abspath(arguments.home), IMAGES_FOLDER))
    code_hash = arguments.code_hash or compute_code_hash()
    bridge = Bridge(journal, Identity(os.path.abspath(arguments.home), code_hash, read_pylabrobot_version()))
    loop = asyncio.get_running_loop()
    stopping: list[asyncio.Task[bool]] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, lambda: stopping.append(loop.create_task(bridge.stop(SIGNAL_STOP_DEADLINE_MS))))
    # Before the workcell is built, which may take its time.
    stop_listeners: list[StopListener | TcpStopListener] = []
    if arguments.socket is not None:
        stop_listeners.append(StopListener(bridge.stop_all.methods, to_stop_socket(arguments.socket)))
    if remote is not None:
        stop_listeners.append(TcpStopListener(bridge.stop_all.methods, remote.stop, remote.entrance))
    await bridge.start()
    if arguments.rehearsal:
        from .serving.rehearsal import prepare

        prepare(bridge)
    servers: list[Server | TcpServer] = []
    if arguments.socket is not None:
        servers.append(await open_server(bridge, arguments.socket))
    if remote is not None:
        servers.append(TcpServer(bridge, remote.wire, remote.entrance))
    logging.getLogger("praxis").info("listening on %s", " and ".join(filter(None, [arguments.socket, arguments.listen])))
    await bridge.stopped.wait()
    for server in servers:
        await server.close()
    for stop_listener in stop_listeners:
        stop_listener.close()
    if arguments.socket is not None:
        os.unlink(arguments.socket)


def _run_whatever_drivers_raise(loop: asyncio.AbstractEventLoop, main_task: asyncio.Task[None]) -> None:
    """SystemExit in a task of a driver ends the event loop; the bridge goes on, because only `stop` may end it."""
    while True:
        try:
            return loop.run_until_complete(main_task)
        except (SystemExit, KeyboardInterrupt) as raised:
            if main_task.done():
                raise
            logging.getLogger("praxis").error("a driver raised %s; the bridge goes on", type(raised).__name__, exc_info=raised)


def _redirect_stdout() -> None:
    sys.stdout.flush()
    os.dup2(2, 1)


def _start_logging() -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.captureWarnings(True)
    logging.getLogger("pylabrobot").setLevel(logging.WARNING)


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="praxis_bridge", description="Owns the instruments of one workcell.")
    parser.add_argument("--socket", help="unix socket to listen on")
    parser.add_argument(
        "--listen", metavar="HOST:PORT", help="TCP address to listen on, beside or instead of the socket; stop all is heard on PORT + 1"
    )
    parser.add_argument("--token-file", help="file with the token that clients of --listen must say; readable by its user alone")
    parser.add_argument("--tls-certificate", help="certificate (PEM) under which --listen speaks TLS")
    parser.add_argument("--tls-key", help="its key (PEM)")
    parser.add_argument("--journal", help="journal file; made when it is not there")
    parser.add_argument("--home", help="folder of the lab this bridge belongs to; told to clients")
    parser.add_argument("--code-hash", help="hash told to clients; computed when it is not given")
    parser.add_argument("--rehearsal", action="store_true", help="simulators alone, on a virtual clock; ends when stdin closes")
    parser.add_argument("--print-hash", action="store_true", help="print the hash of this bridge's code and exit")
    parser.add_argument("--list-simulators", action="store_true", help="print the simulators of each front end and exit")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
