"""The state of a workcell as JSON: what changed since the last look, and how to put it back after a restart.

An entry per resource name. Containers: volumeUl; tip spots: tip; labware: where it stands; machines: what they remember.
Changes are noted by PyLabRobot's callbacks while a command runs, and read once after it, when the trackers have committed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pylabrobot.resources import Container, Coordinate, ItemizedResource, Resource, ResourceHolder, TipSpot
from pylabrobot.resources.rotation import Rotation

from ..drivers import liquid_handler
from ..drivers.machine_state import read_machine, restore_machine, roll_back_machine
from .intervals import Intervals
from .pending import Pending, find_machine_at_work
from .workcell import Machine, Workcell

Entries = dict[str, Any]


class WorkcellState:
    """Owns the last known entries of one built workcell."""

    def __init__(self, workcell: Workcell) -> None:
        self._workcell = workcell
        # Name → what changed, and the machine whose command did it; None where a person did.
        self._changed: dict[str, tuple[Resource, str | None]] = {}
        self._pending = Pending()
        self._labware: dict[str, Resource] = {name: workcell.find(name) for name in workcell.labware_names}
        self._grippers = [machine for machine in workcell.machines.values() if hasattr(machine.frontend, "head96")]
        self._homes: dict[str, tuple[str, str | None]] = {}
        self._resources: dict[str, Resource] = {}
        self.intervals = Intervals()
        self.entries: Entries = {}
        for name, labware in self._labware.items():
            self._watch(name, labware)
        for root in workcell.list_roots():
            root.register_did_assign_resource_callback(self._note_move)
            root.register_did_unassign_resource_callback(self._note_move)
            for resource in root.get_all_children():
                if hasattr(resource, "tracker"):
                    self._pending.watch(resource.tracker)
        self.entries = self._read_all()

    def read_delta(self, machine: str | None = None) -> Entries:
        """Entries that differ from the last known ones; where a machine is named, without those that the commands of others
        have changed: they stay new for the rows of their own.

        They stay new until `accept`, which follows their journal row.
        """
        delta: Entries = {}
        for each in self._list_ready(machine):
            self._add_if_new(delta, each.name, self._read_machine(each))
            self._note_grip(each, delta.get(each.name))
        for name, (resource, changed_by) in self._changed.items():
            if machine is None or changed_by in (machine, None):
                self._add_if_new(delta, name, self._read_resource(name, resource))
        return delta

    def read_delta_of(self, machines: list[str]) -> Entries:
        """Of what concerns these machines; of all where none is named."""
        if not machines:
            return self.read_delta()
        delta: Entries = {}
        for name in machines:
            delta.update(self.read_delta(name))
        return delta

    def accept(self, delta: Entries) -> None:
        """What is known now is new no more; what another command has changed since stays so."""
        self.entries.update(delta)
        kept = {name: change for name, change in self._changed.items() if name not in delta}
        self._changed = {name: change for name, change in kept.items() if self._read_resource(name, change[0]) != self.entries.get(name)}

    def settle(self, machine: str) -> None:
        """The command of the machine has succeeded: there is nothing of it to take back."""
        self._pending.forget(machine)

    def roll_back(self, machine: str | None = None) -> None:
        """Takes back what a command of the machine that did not succeed has left pending, and nothing of another's."""
        for each in self._list_ready(machine):
            if hasattr(each.frontend, "head96"):
                liquid_handler.roll_back([*self._pending.take(each.name), *liquid_handler.list_head_trackers(each.frontend)])
            if each.name in self.entries:
                roll_back_machine(each.frontend, self.entries[each.name])

    def replace(self, names: list[str]) -> Entries:
        """Entries of the items alone: commands on other items may be under way."""
        for name in names:
            self._workcell.refill(name)
        of_items = [name for name, (labware, _) in self._homes.items() if labware in names]
        for name in of_items:
            self.forget_interval(name)
        delta: Entries = {}
        for name in of_items:
            self._add_if_new(delta, name, self._read_resource(name, self._resources[name]))
        return delta

    def set_interval(self, name: str, tracked_ul: float, range_ul: dict[str, float] | None) -> None:
        """Of a container or a tip by name; None where nothing is in doubt any more."""
        self.intervals.set(name, tracked_ul, range_ul)
        self._note_changed(name)

    def forget_interval(self, name: str) -> None:
        self.intervals.forget(name)
        self.intervals.forget_tips_of(name)
        self._note_changed(name)

    def take_back(self, machine: str) -> Entries:
        """After a driver that returned too late: what its front end made of that is undone. Returns what stays new: a
        simulator's own state is the machine's and not ours to undo."""
        self.roll_back(machine)
        back = {name: self.entries[name] for name in self.read_delta(machine) if name in self.entries}
        stays = {}
        simulated = self._read_machine(self._workcell.machines[machine]).get("simulated")
        if machine in back and simulated is not None:
            back[machine] = {**back[machine], "simulated": simulated}
            stays[machine] = back[machine]
        if back:
            self.put_back(back)
        return stays

    def read_taken_before(self, machine: str) -> Entries:
        """Of what a front end has made of a command in doubt by itself, as from its sensors: what was known before it. A
        simulator's own state is the machine's, and stays as it is."""
        before = {name: self.entries[name] for name in self.read_delta(machine) if name in self.entries}
        if machine in before:
            now = self._read_machine(self._workcell.machines[machine])
            as_it_is = {name: now[name] for name in ("simulated",) if name in now}
            before[machine] = {**before[machine], **as_it_is}
            if before[machine] == now:
                del before[machine]
        return before

    def make_new(self, entries: Entries) -> None:
        """Makes entries true that are not known so; they stand in the next delta."""
        known, changed = self.entries, self._changed
        self.restore(entries)
        self.entries = known
        self._changed = {**changed, **{name: (self._resources[name], None) for name in entries if name in self._resources}}

    def move_labware(self, name: str, location: Entries) -> None:
        """A person says where labware stands; a gripper that was thought to hold it holds nothing then."""
        labware = self._labware[name]
        parent, place = labware.parent, labware.location
        # It is taken up first: a tree has each name once, and its own place is not taken by itself.
        if parent is not None:
            labware.unassign()
        try:
            self._workcell.put(labware, location)
        except Exception:
            if parent is not None:
                _put_back(labware, parent, place)
            raise
        for gripper in self._grippers:
            pickup = gripper.frontend._resource_pickup
            if pickup is not None and pickup.resource is labware:
                gripper.frontend._resource_pickup = None

    def restore(self, entries: Entries) -> None:
        """Puts known entries back, after setup(). Entries of resources that are gone are left out."""
        self._move_back({name: entries[name] for name in self._labware if name in entries})
        for name, entry in entries.items():
            self.intervals.restore(name, entry)
            if name in self._homes:
                restore_resource(self._resources[name], entry, self._find)
        for name, machine in self._workcell.machines.items():
            if name in entries and machine.is_ready:
                restore_machine(machine.frontend, entries[name], self._find)
        self._changed = {}
        self.entries = self._read_all()

    def put_back(self, entries: Entries) -> None:
        """Makes true again what was known before a change that came to nothing. Other changes stay new for their own row."""
        known, changed = {**self.entries, **entries}, self._changed
        self.restore(entries)
        for name in [name for name, entry in self.entries.items() if known.get(name) != entry]:
            self.entries.pop(name)
            if name in self._resources:
                self._changed[name] = changed.get(name, (self._resources[name], None))

    def _list_ready(self, name: str | None) -> list[Machine]:
        machines = self._workcell.machines
        wanted = machines.values() if name is None else [machines[name]]
        return [machine for machine in wanted if machine.is_ready]

    def _watch(self, labware_name: str, labware: Resource) -> None:
        items = {item.name: name for name, item in _list_items(labware)}
        for resource in [labware, *labware.get_all_children()]:
            if not isinstance(resource, (Container, TipSpot)) and resource is not labware:
                continue
            self._homes[resource.name] = (labware_name, items.get(resource.name))
            self._resources[resource.name] = resource
            resource.register_state_update_callback(self._note(resource))

    def _note(self, resource: Resource) -> Callable[[dict[str, Any]], None]:
        def note(_state: dict[str, Any]) -> None:
            self._changed[resource.name] = (resource, find_machine_at_work())

        return note

    def _note_move(self, resource: Resource) -> None:
        if resource.name in self._labware:
            self._changed[resource.name] = (resource, find_machine_at_work())

    def _note_grip(self, machine: Machine, entry: Entries | None) -> None:
        """Gripping moves labware without a callback: to PyLabRobot it hangs under its old place until it is dropped."""
        for known in (entry, self.entries.get(machine.name)):
            gripped = None if entry is None or known is None else known.get("gripped")
            if gripped in self._labware:
                self._changed[gripped] = (self._labware[gripped], machine.name)

    def _read_all(self) -> Entries:
        entries = {name: self._read_resource(name, resource) for name, resource in self._resources.items()}
        for machine in self._list_ready(None):
            entries[machine.name] = self._read_machine(machine)
        return entries

    def _read_machine(self, machine: Machine) -> Entries:
        return self.intervals.mark_tips(read_machine(machine.frontend))

    def _note_changed(self, name: str) -> None:
        if name in self._resources:
            self._changed[name] = (self._resources[name], find_machine_at_work())

    def _read_resource(self, name: str, resource: Resource) -> Entries:
        labware, item = self._homes[name]
        entry: Entries = {"labware": labware} if item is None else {"labware": labware, "item": item}
        if isinstance(resource, Container):
            entry = self.intervals.mark(name, {**entry, "volumeUl": resource.tracker.volume})
        if isinstance(resource, TipSpot):
            entry = self.intervals.mark_tips({**entry, "tip": liquid_handler.read_tip(resource.tracker)})
        if item is None:
            location = None if self._is_gripped(resource) else resource.location
            parent = None if location is None else resource.parent
            entry["parent"] = None if parent is None else parent.name
            entry["location"] = None if location is None else [location.x, location.y, location.z]
            entry["rotationZ"] = resource.rotation.z
            entry["place"] = self._describe_place(resource)
        return entry

    def _describe_place(self, labware: Resource) -> Entries | None:
        gripper = self._find_gripper(labware)
        return self._workcell.describe_place(labware) if gripper is None else {"gripper": gripper.name}

    def _is_gripped(self, resource: Resource) -> bool:
        return self._find_gripper(resource) is not None

    def _find_gripper(self, resource: Resource) -> Machine | None:
        return next((gripper for gripper in self._grippers if gripper.frontend.get_picked_up_resource() is resource), None)

    def _add_if_new(self, delta: Entries, name: str, entry: Entries) -> None:
        if self.entries.get(name) != entry:
            delta[name] = entry

    def _move_back(self, entries: Entries) -> None:
        """Labware that a gripper had moved stands there again; where the place is gone it stays where the spec puts it.

        All of it is taken up before any is put down: two plates may have changed places.
        """
        moved: list[tuple[Resource, Resource, Entries]] = []
        for name, entry in entries.items():
            labware = self._labware[name]
            if entry.get("parent") is not None and (labware.parent is None or labware.parent.name != entry["parent"]):
                moved.append((labware, self._find(entry["parent"]), entry))
        for labware, _, _ in moved:
            labware.unassign()
        for labware, parent, entry in moved:
            labware.rotation = Rotation(z=entry["rotationZ"])
            _put_back(labware, parent, Coordinate(*entry["location"]))

    def _find(self, name: str) -> Any:
        return self._resources[name] if name in self._resources else self._workcell.find(name)


def _put_back(labware: Resource, parent: Resource, location: Coordinate | None) -> None:
    if isinstance(parent, ResourceHolder):
        parent.assign_child_resource(labware)
    else:
        parent.assign_child_resource(labware, location=location)
    labware.location = location


def restore_resource(resource: Resource, entry: Entries, find: Callable[[str], Any]) -> None:
    if isinstance(resource, Container) and "volumeUl" in entry:
        resource.tracker.set_volume(entry["volumeUl"])
    if isinstance(resource, TipSpot) and "tip" in entry:
        liquid_handler.put_tip(resource.tracker, entry["tip"], find)


def _list_items(labware: Resource) -> list[tuple[str, Resource]]:
    if not isinstance(labware, ItemizedResource):
        return []
    return [(labware.get_child_identifier(item), item) for item in labware.get_all_items()]
