"""The state of a workcell as JSON: what changed since the last look, and how to put it back after a restart.

An entry per resource name. Containers: volumeUl; tip spots: tip; labware: where it stands; liquid handlers: their heads.
Changes are noted by PyLabRobot's callbacks while a command runs, and read once after it, when the trackers have committed.
"""

from __future__ import annotations

from typing import Any, Callable

from pylabrobot.resources import Container, Coordinate, ItemizedResource, Resource, TipSpot
from pylabrobot.resources.rotation import Rotation

from .drivers import liquid_handler
from .workcell import Workcell

Entries = dict[str, Any]


class WorkcellState:
    """Owns the last known entries of one built workcell."""

    def __init__(self, workcell: Workcell) -> None:
        self._workcell = workcell
        self._changed: dict[str, Resource] = {}
        self._labware = {name: workcell.find(name) for name in workcell.labware_names}
        self._homes: dict[str, tuple[str, str | None]] = {}
        self._trackers: list[Any] | None = None
        self.entries: Entries = {}
        for name, labware in self._labware.items():
            self._watch(name, labware)
        self.entries = self._read_all()

    def read_delta(self) -> Entries:
        """Entries that differ from the last known ones. They stay new until `accept`, which follows their journal row."""
        delta: Entries = {}
        for name, resource in [*self._changed.items(), *self._labware.items()]:
            self._add_if_new(delta, name, self._read_resource(name, resource))
        for name, machine in self._workcell.machines.items():
            if machine.is_ready:
                self._add_if_new(delta, name, read_machine(machine.frontend))
        return delta

    def accept(self, delta: Entries) -> None:
        self.entries.update(delta)
        self._changed = {}

    def roll_back(self) -> None:
        """Takes back what a command that did not succeed has left pending."""
        if self._trackers is None:
            self._trackers = self._list_trackers()
        liquid_handler.roll_back(self._trackers)
        for name, machine in self._workcell.machines.items():
            if machine.is_ready and "head" in self.entries.get(name, {}):
                liquid_handler.roll_back_air(machine.frontend, self.entries[name])

    def replace(self, names: list[str]) -> Entries:
        for name in names:
            self._workcell.refill(name)
        return self.read_delta()

    def restore(self, entries: Entries) -> None:
        """Puts known entries back, after setup(). Entries of resources that are gone are left out."""
        for name, labware in self._labware.items():
            if name in entries:
                self._move_back(labware, entries[name])
        find = self._workcell.find
        for name, entry in entries.items():
            if name in self._homes:
                restore_resource(find(name), entry, find)
        for name, machine in self._workcell.machines.items():
            if name in entries and machine.is_ready:
                self._restore_machine(machine, entries[name])
        self._trackers = None
        self._changed = {}
        self.entries = self._read_all()

    def _restore_machine(self, machine: Any, entry: Entries) -> None:
        if "head" in entry:
            liquid_handler.restore_head_state(machine.frontend, entry, self._workcell.find)
            if entry.get("gripped") is not None:
                machine.look_because = f"it gripped {entry['gripped']} when the bridge ended"
        if entry.get("targetTemperatureC") is not None:
            machine.frontend.target_temperature = entry["targetTemperatureC"]

    def _watch(self, labware_name: str, labware: Resource) -> None:
        items = {item.name: name for name, item in _list_items(labware)}
        for resource in [labware, *labware.get_all_children()]:
            if not isinstance(resource, (Container, TipSpot)) and resource is not labware:
                continue
            self._homes[resource.name] = (labware_name, items.get(resource.name))
            resource.register_state_update_callback(self._note(resource))

    def _note(self, resource: Resource) -> Callable[[dict[str, Any]], None]:
        def note(_state: dict[str, Any]) -> None:
            self._changed[resource.name] = resource

        return note

    def _read_all(self) -> Entries:
        find = self._workcell.find
        entries = {name: self._read_resource(name, find(name)) for name in self._homes}
        for name, machine in self._workcell.machines.items():
            if machine.is_ready:
                entries[name] = read_machine(machine.frontend)
        return entries

    def _read_resource(self, name: str, resource: Resource) -> Entries:
        labware, item = self._homes[name]
        entry: Entries = {"labware": labware} if item is None else {"labware": labware, "item": item}
        if isinstance(resource, Container):
            entry["volumeUl"] = resource.tracker.volume
        if isinstance(resource, TipSpot):
            entry["tip"] = liquid_handler.read_tip(resource.tracker)
        if item is None:
            location = resource.location
            entry["parent"] = None if resource.parent is None else resource.parent.name
            entry["location"] = None if location is None else [location.x, location.y, location.z]
            entry["rotationZ"] = resource.rotation.z
        return entry

    def _add_if_new(self, delta: Entries, name: str, entry: Entries) -> None:
        if self.entries.get(name) != entry:
            delta[name] = entry

    def _move_back(self, labware: Resource, entry: Entries) -> None:
        """Labware that a gripper had moved stands there again; where the place is gone it stays where the spec puts it."""
        parent_name = entry.get("parent")
        if parent_name is None or labware.parent is None or labware.parent.name == parent_name:
            return
        parent = self._workcell.find(parent_name)
        labware.unassign()
        labware.rotation = Rotation(z=entry["rotationZ"])
        parent.assign_child_resource(labware)
        labware.location = Coordinate(*entry["location"])

    def _list_trackers(self) -> list[Any]:
        handlers = [m.frontend for m in self._workcell.machines.values() if hasattr(m.frontend, "head96")]
        return liquid_handler.list_trackers(handlers[0] if handlers else None, self._workcell.deck)


def read_machine(frontend: Any) -> Entries:
    """What a front end keeps in memory only. Machines without such a thing have an empty entry."""
    entry: Entries = {}
    if hasattr(frontend, "head96"):
        entry.update(liquid_handler.read_head_state(frontend))
    target = getattr(frontend, "target_temperature", None)
    if isinstance(target, (int, float)):
        entry["targetTemperatureC"] = target
    return entry


def restore_resource(resource: Resource, entry: Entries, find: Callable[[str], Any]) -> None:
    if isinstance(resource, Container) and "volumeUl" in entry:
        resource.tracker.set_volume(entry["volumeUl"])
    if isinstance(resource, TipSpot) and "tip" in entry:
        liquid_handler.put_tip(resource.tracker, entry["tip"], find)


def _list_items(labware: Resource) -> list[tuple[str, Resource]]:
    if not isinstance(labware, ItemizedResource):
        return []
    return [(labware.get_child_identifier(item), item) for item in labware.get_all_items()]
