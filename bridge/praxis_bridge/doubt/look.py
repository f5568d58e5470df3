"""What only a person can tell after an interruption: a machine that held something then takes no command until somebody
has looked. Nothing of this is written: it follows from the known state whenever the bridge starts or a machine is connected.
"""

from __future__ import annotations

from ..plr.workcell import Machine, Workcell
from ..wire.shapes import JsonObject


def look_after_restart(workcell: Workcell, entries: JsonObject) -> None:
    """A gripper may have let go of its labware while no bridge was there."""
    for machine in workcell.machines.values():
        gripped = entries.get(machine.name, {}).get("gripped")
        if machine.is_ready and gripped is not None:
            machine.look_because = f"it gripped {gripped} when the bridge ended"


def look_after_connecting(machine: Machine, entry: JsonObject) -> None:
    """The setup of a machine moves its axes, whatever hangs on them."""
    if entry.get("gripped") is not None:
        machine.look_because = f"it gripped {entry['gripped']} before it was connected, and connecting may have dropped it"
    elif list_head_tips(entry):
        machine.look_because = "it had tips mounted before it was connected, and connecting may have dropped them"


def keep_looks(old: Workcell | None, new: Workcell) -> None:
    """A change of the spec answers no question."""
    for name, machine in new.machines.items():
        before = None if old is None else old.machines.get(name)
        if before is not None:
            machine.look_because = before.look_because


def list_head_tips(entry: JsonObject) -> list[JsonObject]:
    return [*entry.get("head", {}).values(), *entry.get("head96", {}).values()]
