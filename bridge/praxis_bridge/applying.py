"""A workcell as its description says: built, and what of the known state outlives a change of the description."""

from __future__ import annotations

from typing import Any

from .errors import BridgeError
from .looking import list_head_tips
from .state import WorkcellState
from .workcell import Workcell


async def build(spec: dict[str, Any], entries: dict[str, Any]) -> tuple[Workcell, WorkcellState]:
    """Builds the workcell, connects what moves nothing, then puts the known state back: setup() makes new trackers."""
    workcell = Workcell(spec)
    await workcell.connect_simulators()
    state = WorkcellState(workcell)
    state.restore(entries)
    return workcell, state


def keep_entries(spec: dict[str, Any], workcell: Workcell | None, state: WorkcellState | None) -> dict[str, Any]:
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


def _find_same(items: list[dict[str, Any]], wanted: dict[str, Any], fields: tuple[str, ...]) -> bool:
    return any(all(item.get(field) == wanted.get(field) for field in fields) for item in items)
