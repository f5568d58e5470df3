"""The bridge: joins journal, workcell and commands, and answers the methods of the wire.

At the start it reads back from the journal what it was: spec, state, fences, and which commands never ended.
"""

from __future__ import annotations

import asyncio
import logging
import os
from dataclasses import dataclass

from ..admission.admission import Admission
from ..admission.stop_all import StopAll
from ..commands.blocks import BlockRunner
from ..commands.ground import Ground
from ..commands.runner import CommandRunner
from ..doubt.look import keep_looks, look_after_restart
from ..journal import READ_LIMIT_ROWS, Entry, Journal, read_clock_ms
from ..journal.compaction import RUNS_TOLD_LIMIT, Compactor
from ..journal.memory import Snapshots, keep_memory
from ..plr import boundary
from ..plr.live import LiveWorkcell
from ..plr.state import WorkcellState
from ..plr.workcell import Workcell
from ..statements.correct_deck import Corrector, parse_correction
from ..statements.place_labware import Placer, parse_placement
from ..statements.replace_labware import Replacer, parse_replacement
from ..statements.resolve_command import Resolver, parse_statement
from ..stop.stopper import Stopper
from ..wire.errors import BridgeError
from ..wire.jsontext import dump_canonical
from ..wire.requests import (
    SCOPE_LIMIT_CHARACTERS,
    check_spec,
    parse_block,
    parse_command,
    read_asking,
    read_boolean,
    read_integer,
    read_note,
    read_object,
    read_text,
    read_texts,
)
from ..wire.shapes import JsonObject
from .apply_workcell import build, keep_entries, restore_connected
from .entrance import WIRE_VERSION

logger = logging.getLogger("praxis.bridge")

READ_WAIT_LIMIT_MS = 30_000
STOP_DEADLINE_LIMIT_MS = 600_000
# Fewer rows are read again sooner than a snapshot is written.
SNAPSHOT_AT_START_ROWS = 500


@dataclass(frozen=True)
class Identity:
    home: str
    code_hash: str
    pylabrobot: str


class Bridge:
    """Owns the workcell and the commands on it."""

    def __init__(self, journal: Journal, identity: Identity) -> None:
        self._journal = journal
        self._identity = identity
        self._memory = keep_memory(journal)
        self._loop = asyncio.get_running_loop()
        self.stop_all = StopAll(journal, self._memory, self._stop_drivers, self._loop)
        self._admission = Admission(journal, self._memory, self.stop_all)
        self._compactor = Compactor(journal, self._memory)
        self.live = LiveWorkcell()
        self._commands = CommandRunner(Ground(journal, self._memory, self._admission, self.live))
        under_way = self._under_way = self._commands.under_way
        self._blocks = BlockRunner(journal, self._commands)
        self._resolver = Resolver(journal, self._commands.answers, under_way)
        self._placer = Placer(journal, under_way, self._admission)
        self._corrector = Corrector(journal, under_way)
        self._replacer = Replacer(journal, under_way, self._admission)
        self._stopper = Stopper(journal, under_way, self._blocks, self.live)
        self._is_applying = False
        self.stopped = asyncio.Event()
        self.methods = {
            "hello": self._hello,
            "workcell.apply": self._apply_workcell,
            "command.run": self._run_command,
            "block.run": self._run_block,
            "command.stop": self._stop_command,
            "machine.abort": self._abort_machine,
            "run.hold": self._hold_run,
            "command.resolve": self._resolve_command,
            "command.status": self._read_status,
            "journal.read": self._read_journal,
            "journal.compact": self._compact_journal,
            "labware.replace": self._replace_labware,
            "labware.place": self._place_labware,
            "state.read": self._read_state,
            "state.correct": self._correct_state,
            "machine.release": self._release_machine,
            "machine.connect": self._connect_machine,
            "shutdown": self._shutdown,
            **self._admission.guard.methods,
        }

    async def start(self) -> None:
        boundary.count_io_writes()
        body = {"pid": os.getpid(), "codeHash": self._identity.code_hash, "pylabrobot": self._identity.pylabrobot}
        self._journal.append([Entry("BOOT", None, body, read_clock_ms())])
        Snapshots(self._journal, self._memory).note_if_due(SNAPSHOT_AT_START_ROWS)
        if self._memory.spec is not None:
            await self._build_again(self._memory.spec)
        await self._commands.settle_open_commands()

    async def _build_again(self, spec: JsonObject) -> None:
        try:
            workcell, state = await build(spec, self._memory.entries)
            look_after_restart(workcell, self._memory.entries)
            self.live.use(workcell, state)
        except Exception:
            # The bridge must still answer and ship its journal; machines are unknown until a spec is applied again.
            logger.exception("the workcell %s can't be built again", spec.get("name"))

    async def stop(self, deadline_ms: int) -> bool:
        """No new command; waits for the running ones. PyLabRobot's stop() is never called: it may turn off heating."""
        self._admission.is_stopping = True
        is_idle = await self._under_way.wait_until_idle(deadline_ms)
        self._journal.wake_listeners()
        self.stopped.set()
        return is_idle

    async def _hello(self, _params: JsonObject) -> JsonObject:
        return {
            "wireVersion": WIRE_VERSION,
            "bridgeId": self._journal.bridge_id,
            "home": self._identity.home,
            "codeHash": self._identity.code_hash,
            "pylabrobot": self._identity.pylabrobot,
            "pid": os.getpid(),
            "workcell": None if self.live.workcell is None else self.live.workcell.spec["name"],
            "runningCommands": self._under_way.ids,
            "heldRuns": self._admission.list_held(),
            "stopAll": self.stop_all.read(),
            **self._admission.guard.read(),
        }

    async def _apply_workcell(self, params: JsonObject) -> JsonObject:
        spec = check_spec(read_object(params, "spec"))
        if self.live.workcell is not None and dump_canonical(self.live.workcell.spec) == dump_canonical(spec):
            return {"changed": False}
        self._require_open()
        self._require_idle()
        self._is_applying = True
        try:
            workcell, state = await build(spec, keep_entries(spec, self.live.workcell, self.live.state))
            keep_looks(self.live.workcell, workcell)
            self._journal.append([Entry("CONFIG", None, {"spec": spec, "state": state.entries}, read_clock_ms())])
            self.live.use(workcell, state)
        finally:
            self._is_applying = False
        return {"changed": True}

    async def _run_command(self, params: JsonObject) -> JsonObject:
        request = parse_command(params)
        if self._is_applying:
            raise BridgeError("MACHINE_BUSY", "The workcell is being changed; try again.")
        return dict(await self._commands.run(request))

    async def _run_block(self, params: JsonObject) -> JsonObject:
        commands = await parse_block(params)
        if self._is_applying:
            raise BridgeError("MACHINE_BUSY", "The workcell is being changed; try again.")
        return dict(await self._blocks.run(commands))

    async def _stop_command(self, params: JsonObject) -> JsonObject:
        return {"isStopping": await self._stopper.stop(read_text(params, "id"))}

    async def _abort_machine(self, params: JsonObject) -> JsonObject:
        name, by, note = read_text(params, "machine"), read_text(params, "by"), read_note(params, "note")
        if self.live.find_machine(name) is None:
            raise BridgeError("UNKNOWN_MACHINE", f"The workcell has no machine {name!r}.")
        return await self._stopper.abort(name, by, note)

    def _stop_drivers(self) -> list[JsonObject]:
        """From any thread."""
        moving = self._stopper.list_moving()
        self._stopper.stop_everything(self._loop)
        return moving

    async def _hold_run(self, params: JsonObject) -> JsonObject:
        # Of a call that was ended from outside, with its path.
        run_id = read_text(params, "runId", SCOPE_LIMIT_CHARACTERS)
        rev, is_held = self._admission.hold(run_id, read_integer(params, "rev", 0), read_boolean(params, "isHeld"))
        return {"rev": rev, "isHeld": is_held, "running": self._under_way.list_executing(run_id)}

    async def _resolve_command(self, params: JsonObject) -> JsonObject:
        self._require_open()
        return {"delta": await self._resolver.resolve(parse_statement(params), self.live.workcell, self.live.state)}

    async def _read_status(self, params: JsonObject) -> JsonObject:
        return self._commands.answers.read_status(read_asking(params))

    async def _read_journal(self, params: JsonObject) -> JsonObject:
        after = read_integer(params, "after", 0)
        limit = read_integer(params, "limit", 1, READ_LIMIT_ROWS)
        wait_ms = read_integer(params, "waitMs", 0, READ_WAIT_LIMIT_MS)
        # Of another journal, whose bridge was here when the connection before this one was made.
        is_meant = params.get("bridgeId") in (None, self._journal.bridge_id)
        if params.get("shippedRow") is not None and is_meant:
            self._journal.note_shipped(read_integer(params, "shippedRow", 0, self._journal.last_row))
        if self._journal.last_row <= after and wait_ms > 0:
            await self._journal.wait_for_row(wait_ms)
        return {"bridgeId": self._journal.bridge_id, "rows": self._journal.read_rows(after, limit)}

    async def _compact_journal(self, params: JsonObject) -> JsonObject:
        return await self._compactor.compact(read_texts(params, "endedRuns", RUNS_TOLD_LIMIT))

    async def _replace_labware(self, params: JsonObject) -> JsonObject:
        wish = parse_replacement(params)
        replaced = self._replacer.find_replaced(wish)
        if replaced is None:
            replaced = await self._replacer.replace(wish, self._get_deck)
        return {"replaced": replaced}

    async def _place_labware(self, params: JsonObject) -> JsonObject:
        self._require_open()
        self._require_no_statement()
        return {"delta": self._placer.place(parse_placement(params), self.live.workcell, self.live.state)}

    async def _correct_state(self, params: JsonObject) -> JsonObject:
        self._require_open()
        self._require_no_statement()
        return {"delta": self._corrector.correct(parse_correction(params), self.live.workcell, self.live.state)}

    async def _read_state(self, _params: JsonObject) -> JsonObject:
        return {"resources": {} if self.live.state is None else self.live.state.entries}

    async def _release_machine(self, params: JsonObject) -> JsonObject:
        name = read_text(params, "machine")
        note = read_note(params, "note")
        uncertain = self._memory.quarantined.get(name)
        if uncertain is not None:
            await self._under_way.give_up(uncertain["commandId"])
        return {"released": self._admission.release(name, self.live.find_machine(name), note)}

    async def _connect_machine(self, params: JsonObject) -> JsonObject:
        """An operator's step, because connecting may move axes. Nothing else may happen in the workcell meanwhile."""
        name, by, note = read_text(params, "machine"), read_text(params, "by"), read_note(params, "note")
        machine = self.live.find_machine(name)
        if machine is None or self.live.workcell is None or self.live.state is None:
            raise BridgeError("UNKNOWN_MACHINE", f"The workcell has no machine {name!r}.")
        if machine.is_ready:
            return {"isReady": True, "because": None}
        self._require_open()
        self._admission.guard.require_known()
        self.stop_all.require_released()
        self._require_idle()
        self._is_applying = True
        try:
            self._journal.append([Entry("CONNECT", None, {"machine": name, "by": by, "note": note}, read_clock_ms())])
            await self.live.workcell.connect(machine)
            if machine.is_ready:
                restore_connected(machine, self.live.state, self._memory.entries.get(name))
        finally:
            self._is_applying = False
        return {"isReady": machine.is_ready, "because": machine.not_ready_because}

    async def _shutdown(self, params: JsonObject) -> JsonObject:
        return {"idle": await self.stop(read_integer(params, "deadlineMs", 0, STOP_DEADLINE_LIMIT_MS))}

    def _get_deck(self) -> tuple[Workcell | None, WorkcellState | None]:
        self._require_open()
        return self.live.workcell, self.live.state

    def _require_no_statement(self) -> None:
        if self._resolver.turn.is_taken():
            raise BridgeError("MACHINE_BUSY", "A statement about a command is being taken; try again.")

    def _require_idle(self) -> None:
        """Nothing runs, comes next in a block or is being stated. Asked in the step that begins a change of the workcell."""
        self._blocks.require_idle()
        self._under_way.require_idle()
        self._require_no_statement()

    def _require_open(self) -> None:
        if self._admission.is_stopping:
            raise BridgeError("BRIDGE_STOPPING", "The bridge is stopping.")
        if self._is_applying:
            raise BridgeError("MACHINE_BUSY", "The workcell is being changed; try again.")
