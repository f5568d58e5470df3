"""The workcell as live PyLabRobot objects, built from its spec: deck, machines, labware where it stands."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from pylabrobot.resources import Deck, Resource

from ..drivers import liquid_handler, never_awaited, places
from ..drivers.exceptions import describe
from ..drivers.method_plans import MethodPlan, plan_methods
from ..wire.errors import BridgeError, CommandError
from . import boundary, construction
from .deck import LABWARE_LIMIT, build_deck, fill_fresh, make_labware, place_labware, place_machine, require_name
from .naming import name_trackers, switch_naming_on

logger = logging.getLogger("praxis.workcell")

MACHINES_LIMIT = 50


@dataclass
class Machine:
    name: str
    spec: dict[str, Any]
    frontend: Any
    methods: dict[str, MethodPlan]
    # Text for a person; None once the machine is connected.
    not_ready_because: str | None = "it is not connected yet"
    # Something that only a person can tell, until the machine is released.
    look_because: str | None = None

    @property
    def is_ready(self) -> bool:
        return self.not_ready_because is None


class Workcell:
    """Owns the objects of one spec."""

    def __init__(self, spec: dict[str, Any]) -> None:
        liquid_handler.switch_tracking_on()
        switch_naming_on()
        never_awaited.watch_dropped_coroutines()
        self.spec = spec
        self.deck: Deck | None = None if spec["deck"] is None else build_deck(spec["deck"])
        self.labware_names = [item["name"] for item in spec["labware"]]
        self.machines: dict[str, Machine] = {}
        _require_limit("machines", spec["machines"], MACHINES_LIMIT)
        _require_limit("labware items", spec["labware"], LABWARE_LIMIT)
        # A loader is built upon its centrifuge.
        for machine_spec in sorted(spec["machines"], key=lambda item: bool(item["frontend"] == "Loader")):
            self._add_machine(machine_spec)
        self.machines = {item["name"]: self.machines[item["name"]] for item in spec["machines"]}
        for labware_spec in spec["labware"]:
            self._add_labware(labware_spec)

    @property
    def deck_machine(self) -> Machine | None:
        """The machine that works on the deck; its fence guards the labware."""
        return next((machine for machine in self.machines.values() if machine.spec["frontend"] == "LiquidHandler"), None)

    def find(self, name: str) -> Any:
        """A resource of the deck, a machine that is one, or what stands in such a machine."""
        if self.deck is not None and self.deck.has_resource(name):
            return self.deck.get_resource(name)
        # The deck comes last: it has thousands of children, and what stands on it was found above.
        for root in reversed(self.list_roots()):
            for resource in [root, *root.get_all_children()]:
                if resource.name == name:
                    return resource
        raise CommandError("LABWARE_NOT_FOUND", f"There is no {name!r} in the workcell {self.spec['name']}.")

    def list_roots(self) -> list[Resource]:
        """The deck, and the machines beside it that hold labware."""
        beside = [m.frontend for m in self.machines.values() if _stands_beside(m.frontend)]
        return beside if self.deck is None else [self.deck, *beside]

    def put(self, labware: Resource, location: dict[str, Any]) -> None:
        """Puts labware where a LabwareLocation says. Raises BAD_ARGUMENTS; then nothing has changed."""
        if "machine" not in location:
            place_labware(self.deck, labware, location)
            return
        machine = self.machines.get(location["machine"])
        if machine is None:
            raise BridgeError("BAD_ARGUMENTS", f"{labware.name}: the workcell has no machine {location['machine']!r}.")
        try:
            places.put_into(places.find_place(machine.frontend, location.get("site")), labware)
        except Exception as error:
            raise BridgeError("BAD_ARGUMENTS", f"{labware.name} can't stand in {machine.name}: {describe(error)}") from error

    def describe_place(self, labware: Resource) -> dict[str, Any] | None:
        """Where labware stands, as a LabwareLocation; `on` names what it stands on where that is neither site nor machine."""
        place = labware.parent
        if place is None:
            return None
        for machine in self.machines.values():
            sites = places.list_places(machine.frontend)
            index = next((number for number, site in enumerate(sites) if site is place), None)
            if index is not None:
                return {"machine": machine.name} if len(sites) == 1 else {"machine": machine.name, "site": index}
            if machine.frontend is place.parent:
                # A tray that is none of its places, where plates are handed over.
                return {"machine": machine.name}
        for number, site in getattr(place.parent, "sites", {}).items():
            if site is place and place.parent is not None:
                return {"carrier": place.parent.name, "site": number}
        return {"on": place.name}

    def refill(self, name: str) -> None:
        spec = next(item for item in self.spec["labware"] if item["name"] == name)
        fill_fresh(self.find(name), spec["fresh"])

    async def connect_simulators(self) -> None:
        """Runs setup() where it moves nothing. A machine that can't be set up is left not ready, with the reason."""
        for machine in self.machines.values():
            if machine.spec["mode"] == "simulation":
                await self.connect(machine)
            else:
                machine.not_ready_because = "connecting may move axes, so it is an operator's step"

    async def connect(self, machine: Machine) -> None:
        """Runs setup(), which may move axes on a real machine; afterwards it is ready, or says why not."""
        try:
            await machine.frontend.setup()
            _name_trays(machine)
            machine.methods = plan_methods(machine.frontend)
            machine.not_ready_because = None
        except BaseException as error:  # A driver may raise anything; the other machines are still of use.
            logger.exception("setup of %s failed", machine.name)
            machine.not_ready_because = f"its setup failed: {describe(error)}"

    def _add_machine(self, spec: dict[str, Any]) -> None:
        name = require_name(spec["name"])
        if name in self.machines or (self.deck is not None and self.deck.has_resource(name)):
            raise BridgeError("BAD_ARGUMENTS", f"The name {name} is given twice.")
        if spec["frontend"] == "LiquidHandler" and self.deck is None:
            raise BridgeError("BAD_ARGUMENTS", f"{name}: a LiquidHandler needs a deck.")
        machine = self._build_machine(spec)
        self.machines[name] = machine
        location = spec.get("location")
        if location is None:
            return
        if self.deck is None or spec["frontend"] == "LiquidHandler" or not isinstance(machine.frontend, Resource):
            raise BridgeError("BAD_ARGUMENTS", f"{name}: a {spec['frontend']} can't stand on the deck of this workcell.")
        place_machine(self.deck, machine.frontend, location)

    def _build_machine(self, spec: dict[str, Any]) -> Machine:
        try:
            backend = construction.build_backend(spec)
            frontend = construction.build_frontend(spec, backend, construction.Surroundings(self.deck, self._find_centrifuge))
        except Exception as error:
            raise BridgeError("BAD_ARGUMENTS", f"{spec['name']} can't be built: {describe(error)}") from error
        if hasattr(backend, "stand_behind"):
            backend.stand_behind(frontend)
        if spec["mode"] == "simulation":
            liquid_handler.silence_simulated_tip_sensor(backend)
        boundary.guard_backend(backend)
        return Machine(spec["name"], spec, frontend, {})

    def _find_centrifuge(self, name: str | None) -> Any:
        centrifuges = [machine for machine in self.machines.values() if machine.spec["frontend"] == "Centrifuge"]
        if name is None and len(centrifuges) == 1:
            return centrifuges[0].frontend
        found = next((machine.frontend for machine in centrifuges if machine.name == name), None)
        if found is None:
            names = ", ".join(machine.name for machine in centrifuges) or "the workcell has none"
            raise CommandError("BAD_ARGUMENTS", f"frontendArguments.centrifuge must name the centrifuge that it loads: {names}")
        return found

    def _add_labware(self, spec: dict[str, Any]) -> None:
        labware = make_labware(spec)
        name_trackers(labware)
        if labware.name in self.machines or self._has_resource(labware.name):
            raise BridgeError("BAD_ARGUMENTS", f"The name {labware.name} is given twice.")
        self.put(labware, spec["location"])
        fill_fresh(labware, spec["fresh"])

    def _has_resource(self, name: str) -> bool:
        try:
            self.find(name)
        except CommandError:
            return False
        return True


def _stands_beside(frontend: Any) -> bool:
    return isinstance(frontend, Resource) and not hasattr(frontend, "head96") and frontend.parent is None


def _name_trays(machine: Machine) -> None:
    """A stack of incubators makes its trays in setup() with names that two stacks would share."""
    for number, tray in enumerate(getattr(machine.frontend, "loading_trays", [])):
        tray.unassign()
        location, tray.name = tray.location, f"{machine.name}_tray_{number}"
        machine.frontend.assign_child_resource(tray, location=location)


def _require_limit(what: str, items: list[Any], limit: int) -> None:
    if len(items) > limit:
        raise BridgeError("BAD_ARGUMENTS", f"A workcell has at most {limit} {what}.")
