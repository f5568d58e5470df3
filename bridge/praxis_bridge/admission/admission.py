"""What keeps a command from beginning: a stopping bridge, a lost journal, a stop of everything, a stale fence, a held run, a quarantined or
unready machine.

Asked when a command comes and again when its turn comes, because what ran before it may have changed the answer.
"""

from __future__ import annotations

from ..journal import Entry, Journal, read_clock_ms
from ..journal.memory import FINAL_REV, Memory, to_run
from ..plr.workcell import Machine
from ..wire.errors import BridgeError
from ..wire.requests import CommandRequest
from .journal_guard import JournalGuard
from .stop_all import StopAll

# What follows the path of a call in the paths of its calls and parts.
PATH_MARKS = "/[({"


def list_scopes(run_id: str, call_path: str) -> list[str]:
    """The run, each call and part that one of this path belongs to, and itself."""
    paths = [call_path[:end] for end, mark in enumerate(call_path) if mark in PATH_MARKS]
    return [run_id, *(f"{run_id}/{path}" for path in [*paths, call_path])]


class Admission:
    """Owns the decision; what it decides by lives in the memory of the journal."""

    def __init__(self, journal: Journal, memory: Memory, stop_all: StopAll) -> None:
        self.guard = JournalGuard(journal, memory)
        self._journal = journal
        self._memory = memory
        self._stop_all = stop_all
        self.is_stopping = False

    def require(self, request: CommandRequest, machine: Machine | None) -> None:
        if self.is_stopping:
            raise BridgeError("BRIDGE_STOPPING", "The bridge is stopping and takes no new command.")
        self.guard.require_known()
        if self._journal.has_ended(request.run_id):
            raise BridgeError("RUN_ENDED", f"The run {request.run_id} has ended; {request.id} was not begun.")
        # Cleanups are no exception: a person wants nothing to move.
        self._stop_all.require_released()
        self.require_fence(request.machine, request.fence)
        self._require_not_over(request)
        if request.run_id in self._memory.held and not request.is_shielded:
            raise BridgeError("RUN_HELD", f"The run {request.run_id} is held; {request.id} was not begun.")
        under = request.under_run_id
        if under is not None and under not in self._memory.held:
            raise BridgeError("RUN_NOT_HELD", f"The run {under} goes on by itself; {request.id} was not begun.")
        self._require_certain(request)
        if machine is not None and not machine.is_ready:
            raise BridgeError("MACHINE_NOT_READY", f"{request.machine} is not ready: {machine.not_ready_because}.")
        if machine is not None and machine.look_because is not None:
            raise BridgeError("MACHINE_HELD", f"{request.machine} is held: {machine.look_because}. Look, then release it.")

    def _require_not_over(self, request: CommandRequest) -> None:
        """Neither the run nor a call of it that the command belongs to was ended from outside."""
        for scope in list_scopes(request.run_id, str(request.identity["callPath"])):
            if self._memory.held.get(scope) == FINAL_REV:
                raise BridgeError("RUN_HELD", f"{scope} was ended from outside; {request.id} was not begun.")

    def require_fence(self, machine: str, fence: int) -> None:
        highest = self._memory.fences.get(machine, 0)
        if fence < highest:
            raise BridgeError("STALE_FENCE", f"{machine} has seen fence {highest}; fence {fence} is superseded.")

    def require_labware_fence(self, labware: str, fence: int) -> None:
        """Of the item's own holder: a machine beside it may have seen any other."""
        highest = self._memory.labware_fences.get(labware, 0)
        if fence < highest:
            raise BridgeError("STALE_FENCE", f"{labware} has seen fence {highest}; fence {fence} is superseded.")

    def note_fence(self, machine: str, fence: int) -> None:
        self._memory.note_fence(machine, fence)

    def quarantine(self, request: CommandRequest) -> None:
        """For an end that could not be written: the row that would say so is missing."""
        self._memory.quarantined[request.machine] = {"commandId": request.id, "runId": request.run_id}

    def hold(self, run_id: str, rev: int, is_held: bool) -> tuple[int, bool]:
        """Sets or ends a hold; what is known under the same or a higher rev stays. Returns what holds now."""
        if rev == FINAL_REV and not is_held and run_id not in self._memory.held:
            # Every run ends, few were held: the others leave no row.
            return rev, False
        if self._memory.held.get(run_id) == FINAL_REV:
            return FINAL_REV, True
        if rev == FINAL_REV and is_held and self._journal.has_ended(to_run(run_id)):
            # Its name says so already.
            return FINAL_REV, True
        last = self._journal.read_last("HOLD", run_id)
        if last is not None and rev <= last.body["rev"] and not (rev == FINAL_REV and is_held and not last.body["isHeld"]):
            return last.body["rev"], last.body["isHeld"]
        self._journal.append([Entry("HOLD", run_id, {"runId": run_id, "rev": rev, "isHeld": is_held}, read_clock_ms())])
        return rev, is_held

    def list_held(self) -> list[str]:
        """Runs whose hold may still be lifted."""
        return sorted(run_id for run_id, rev in self._memory.held.items() if rev != FINAL_REV)

    def release(self, name: str, machine: Machine | None, note: str) -> bool:
        """An operator has looked at the machine; it takes commands again."""
        uncertain = self._memory.quarantined.get(name)
        if uncertain is None and (machine is None or machine.look_because is None):
            return False
        body = {"machine": name, "note": note, "commandId": None if uncertain is None else uncertain["commandId"]}
        self._journal.append([Entry("RELEASE", None, body, read_clock_ms())])
        if machine is not None:
            machine.look_because = None
        return True

    def _require_certain(self, request: CommandRequest) -> None:
        uncertain = self._memory.quarantined.get(request.machine)
        if uncertain is None:
            return
        why = f"{request.machine} is held: nobody knows whether the command {uncertain['commandId']} moved."
        if uncertain["runId"] == request.run_id:
            raise BridgeError("RUN_HELD", f"{why} The run waits until a person has said what happened.")
        raise BridgeError("MACHINE_NOT_READY", f"{why} Look at the machine, then release it.")
