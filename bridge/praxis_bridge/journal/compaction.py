"""Rows that nobody asks for any more are let go, once Postgres has them and a snapshot row holds their sum.

Kept are rows of runs that have not ended, because their commands may be asked for again; the newest requests of people, which
are done once per id; and the newest row that Postgres has, by which the lab knows this journal. Of an ended run its name is kept:
whoever still asks for a command of it is refused, where its row would have answered before.
"""

from __future__ import annotations

import asyncio
import logging

from ..wire.errors import BridgeError
from ..wire.shapes import JsonObject
from .file import read_clock_ms
from .journal import COMPACTED_NOTE, WRITE_NOTE, Journal
from .memory import FINAL_REV, Memory, note_snapshot_row, to_run

logger = logging.getLogger("praxis.journal")

# Fewer rows than this are not worth a snapshot row, which holds the whole deck.
COMPACT_AFTER_ROWS = 10_000
# Let go in one synced write; commands get their turn between two.
SLICE_ROWS = 2_000
RUNS_TOLD_LIMIT = 2_000
# Of REPLACE, PLACE and CORRECT: who repeats a request does so within seconds.
REQUESTS_KEPT_ROWS = 500
ENDED_KEPT_DAYS = 400
DAY_MS = 24 * 3600 * 1000

RUN_KINDS = "('SENT', 'STEP_END', 'END', 'RESOLVE', 'LATE', 'HOLD')"
REQUEST_KINDS = "('REPLACE', 'PLACE', 'CORRECT')"
# The index has the same words.
FIRST_KEPT_REQUEST = (
    f"SELECT min(row) FROM (SELECT row FROM rows WHERE kind IN {REQUEST_KINDS} ORDER BY row DESC LIMIT {REQUESTS_KEPT_ROWS})"
)
RUN_OF_KEY = "substr(key, 1, instr(key || '/', '/') - 1)"


class Compactor:
    """Owns what the journal forgets."""

    def __init__(self, journal: Journal, memory: Memory) -> None:
        self._journal = journal
        self._memory = memory
        self._turn = asyncio.Lock()

    async def compact(self, ended_runs: list[str]) -> JsonObject:
        """`runs` are those that rows are kept for: whoever knows says which of them have ended, the next time."""
        if self._turn.locked():
            raise BridgeError("MACHINE_BUSY", "The journal is being compacted.")
        async with self._turn:
            journal = self._journal
            self._note_ended(ended_runs)
            if ended_runs:
                self._forget_final_holds()
            if min(journal.shipped_row, journal.last_row) - journal.compacted_row >= COMPACT_AFTER_ROWS:
                note_snapshot_row(journal, self._memory)
            # The row that the lab knows this journal by stays.
            limit = min(journal.shipped_row - 1, journal.snapshot_row - 1)
            for run in ended_runs:
                if journal.has_ended(run):
                    self._let_go_of_run(run, limit)
                    await asyncio.sleep(0)
            await self._sweep(limit)
            return {"runs": self._list_runs(limit), "compactedRow": journal.compacted_row}

    def _note_ended(self, runs: list[str]) -> None:
        """Not of runs with a command that may still move or that a person is asked about."""
        busy = {each["runId"] for group in (self._memory.open, self._memory.quarantined) for each in group.values()}
        now_ms = read_clock_ms()
        values = [(run, now_ms) for run in runs if run not in busy]
        with self._journal.lock:
            self._journal.db.execute("BEGIN IMMEDIATE")
            self._journal.db.executemany("INSERT OR IGNORE INTO ended (run, at_ms) VALUES (?, ?)", values)
            self._journal.db.execute("DELETE FROM ended WHERE at_ms < ?", (now_ms - ENDED_KEPT_DAYS * DAY_MS,))
            self._journal.db.execute("COMMIT")

    def _forget_final_holds(self) -> None:
        """Whoever still asks for a command of an ended run is refused by its name. One that comes back with an older sum does no harm."""
        with self._journal.lock:
            held = self._memory.held
            self._memory.held = {
                scope: rev for scope, rev in held.items() if rev != FINAL_REV or not self._journal.has_ended(to_run(scope))
            }

    def _let_go_of_run(self, run: str, limit: int) -> None:
        """'0' follows '/', so all keys of the run lie between the two."""
        where = f"((key >= ? AND key < ?) OR key = ?) AND row <= ? AND kind IN {RUN_KINDS}"
        with self._journal.lock:
            self._journal.db.execute(f"DELETE FROM rows WHERE {where}", (f"{run}/", f"{run}0", run, limit))

    async def _sweep(self, limit: int) -> None:
        newest = self._journal.db.execute(FIRST_KEPT_REQUEST).fetchone()[0]
        requests_from = limit + 1 if newest is None else newest
        while self._journal.compacted_row < limit:
            upto = min(limit, self._journal.compacted_row + SLICE_ROWS)
            with self._journal.lock:
                db = self._journal.db
                db.execute("BEGIN IMMEDIATE")
                db.execute(
                    f"""DELETE FROM rows WHERE row > ? AND row <= ? AND NOT (
                      (kind IN {RUN_KINDS} AND key IS NOT NULL AND {RUN_OF_KEY} NOT IN (SELECT run FROM ended))
                      OR (kind IN {REQUEST_KINDS} AND row >= ?))""",
                    (self._journal.compacted_row, upto, requests_from),
                )
                db.execute(WRITE_NOTE, (COMPACTED_NOTE, str(upto)))
                db.execute("COMMIT")
                self._journal.compacted_row = upto
            await asyncio.sleep(0)

    def _list_runs(self, limit: int) -> list[str]:
        """One look at the index for each run."""
        runs: list[str] = []
        after = ""
        while len(runs) < RUNS_TOLD_LIMIT:
            key = self._journal.db.execute("SELECT min(key) FROM rows WHERE key > ?", (after,)).fetchone()[0]
            if key is None:
                break
            run = str(key).partition("/")[0]
            runs.append(run)
            after = f"{run}0"
        return [run for run in runs if not self._journal.has_ended(run)]
