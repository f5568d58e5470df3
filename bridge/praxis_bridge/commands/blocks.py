"""Blocks: commands one after the other in one request, up to the first that does not complete.

Each takes the path of a single command, so a block that is sent again attaches to what runs and gets stored outcomes of
what has ended. The end of a command may share a synced write with the beginning of the next; the reply comes after both.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from ..journal import Journal
from ..wire.errors import BridgeError
from ..wire.jsontext import dump_json
from ..wire.requests import CommandRequest
from ..wire.shapes import BlockReply, Outcome
from .runner import CommandRunner

# The reply is one line of the wire; who asked gets the rest by asking for the rest of the block.
REPLY_RESULTS_LIMIT_BYTES = 6 * 1024 * 1024
# Refusals that end by themselves: the rest of the block is sent again then.
HELD_CODES = ("RUN_HELD", "STOPPED_ALL")


@dataclass(eq=False)
class Block:
    commands: list[CommandRequest]
    ids: frozenset[str]
    running_id: str | None = None
    is_stop_asked: bool = False
    outcomes: list[Outcome] = field(default_factory=list)
    # What ends when the END of each command is on disk.
    written: list[asyncio.Future[Outcome]] = field(default_factory=list)


class BlockRunner:
    """Owns the blocks under way."""

    def __init__(self, journal: Journal, commands: CommandRunner) -> None:
        self._journal = journal
        self._commands = commands
        self._blocks: set[Block] = set()

    async def run(self, commands: list[CommandRequest]) -> BlockReply:
        block = Block(commands, frozenset(command.id for command in commands))
        # In the step in which it was let in: until it has ended, nobody changes the workcell, also between two of its commands.
        self._blocks.add(block)
        # Like a single command, a block outlives the connection that asked for it.
        return await asyncio.shield(asyncio.get_running_loop().create_task(self._run(block)))

    def ask_to_stop(self, command_id: str) -> list[str]:
        """Ends every block of the command after its running one; returns the ids of those."""
        blocks = [block for block in self._blocks if command_id in block.ids]
        for block in blocks:
            block.is_stop_asked = True
        return [block.running_id for block in blocks if block.running_id is not None]

    def require_idle(self) -> None:
        if self._blocks:
            raise BridgeError("MACHINE_BUSY", "A block of commands is under way; try again when it has ended.")

    async def _run(self, block: Block) -> BlockReply:
        is_held = False
        try:
            self._commands.answers.doubt_unheard_of(block.commands)
            await self._run_each(block)
        except BridgeError as error:
            if error.code not in HELD_CODES:
                raise
            is_held = True
        finally:
            self._blocks.discard(block)
            await self._wait_for_ends(block)
        return {"outcomes": limit_results(block.outcomes), "isHeld": is_held}

    async def _run_each(self, block: Block) -> None:
        for command in block.commands:
            block.running_id = command.id
            # A simulator may never wait; holds, stops and other machines still get their turn between two commands.
            await asyncio.sleep(0)
            if block.is_stop_asked:
                block.outcomes.append(await self._commands.end_stopped(command))
                return
            outcome, written = await self._commands.run_joined(command)
            block.outcomes.append(outcome)
            if written is not None and not written.done():
                block.written.append(written)
            if outcome["status"] != "completed":
                return

    async def _wait_for_ends(self, block: Block) -> None:
        """Nobody is told of an outcome before it is on disk; one that can't be written is the error of the block."""
        if not all(written.done() for written in block.written):
            self._journal.flush()
        for written in block.written:
            await asyncio.shield(written)


def limit_results(outcomes: list[Outcome]) -> list[Outcome]:
    """As many outcomes as fit in a line, at least one; those of the others are stored, and given to who asks for their commands."""
    size_bytes = 0
    for index, outcome in enumerate(outcomes):
        size_bytes += 0 if outcome["result"] is None else len(dump_json(outcome["result"]))
        if index > 0 and size_bytes > REPLY_RESULTS_LIMIT_BYTES:
            return outcomes[:index]
    return outcomes
