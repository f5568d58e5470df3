"""A workcell as its description says: built, and what of the known state outlives a change of the description."""

from __future__ import annotations

from ..doubt.look import list_head_tips, look_after_connecting
from ..plr.state import WorkcellState
from ..plr.workcell import Machine, Workcell
from ..wire.errors import BridgeError
from ..wire.shapes import JsonObject


async def build(spec: JsonObject, entries: JsonObject) -> tuple[Workcell, WorkcellState]:
    """Builds the workcell, connects what moves nothing, then puts the known state back: setup() makes new trackers."""
    workcell = Workcell(spec)
    await workcell.connect_simulators()
    state = WorkcellState(workcell)
    state.restore(entries)
    return workcell, state


def keep_entries(spec: JsonObject, workcell: Workcell | None, state: WorkcellState | None) -> JsonObject:
    """State that outlives a change of the spec: of labware of the same name, type and place, of the same machines."""
    if workcell is None or state is None:
        return {}
    old = workcell.spec
    labware = {item["name"] for item in spec["labware"] if _find_same(old["labware"], item, ("name", "type", "location"))}
    machines = {item["name"] for item in spec["machines"] if _find_same(old["machines"], item, ("name", "frontend"))}
    entries = state.entries
    kept = {name: entry for name, entry in entries.items() if entry.get("labware") in labware or name in machines}
    for name in machines:
        for tip in list_head_tips(kept.get(name, {})):
            if tip["name"].rpartition("#")[0] not in kept or (tip["origin"] is not None and tip["origin"] not in kept):
                why = f"{name} has a tip of {tip['origin']} mounted, which the new workcell lacks; drop it first."
                raise BridgeError("TIP_PRESENT", why)
    return kept


def restore_connected(machine: Machine, state: WorkcellState, entry: JsonObject | None) -> None:
    """What is known of a machine, put back after its setup(); what its axes may have dropped is for a person to look at."""
    state.restore(state.entries if entry is None else {**state.entries, machine.name: entry})
    if entry is not None:
        look_after_connecting(machine, entry)


def _find_same(items: list[JsonObject], wanted: JsonObject, fields: tuple[str, ...]) -> bool:
    return any(all(item.get(field) == wanted.get(field) for field in fields) for item in items)
