"""The workcell as live PyLabRobot objects, built from its spec: deck, labware, machines with their locks."""

from __future__ import annotations

import asyncio
import inspect
import logging
import typing
from dataclasses import dataclass, field
from typing import Any

from pylabrobot.resources import Coordinate, Deck, Resource

from . import boundary
from .codec import decode_arguments
from .deck import build_deck, fill_fresh, require_name
from .drivers import liquid_handler, registry
from .drivers.registry import MethodPlan
from .errors import BridgeError, CommandError, describe

logger = logging.getLogger("praxis.workcell")

MACHINES_LIMIT = 50


@dataclass
class Machine:
    name: str
    spec: dict[str, Any]
    frontend: Any
    methods: dict[str, MethodPlan]
    # Commands of one machine run one after the other, in the order in which they came.
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
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
        self.spec = spec
        self.deck: Deck | None = None if spec["deck"] is None else build_deck(spec["deck"], spec["labware"])
        if self.deck is None and spec["labware"]:
            raise BridgeError("BAD_ARGUMENTS", "The workcell has labware and no deck to put it on.")
        self.labware_names = [item["name"] for item in spec["labware"]]
        self.machines: dict[str, Machine] = {}
        if len(spec["machines"]) > MACHINES_LIMIT:
            raise BridgeError("BAD_ARGUMENTS", f"A workcell has at most {MACHINES_LIMIT} machines.")
        for machine_spec in spec["machines"]:
            name = require_name(machine_spec["name"])
            if name in self.machines or self._has_resource(name):
                raise BridgeError("BAD_ARGUMENTS", f"The name {name} is given twice.")
            self.machines[name] = _build_machine(machine_spec, self.deck)

    @property
    def deck_machine(self) -> Machine | None:
        """The machine that works on the deck; its fence guards the labware."""
        return next((machine for machine in self.machines.values() if machine.spec["frontend"] == "LiquidHandler"), None)

    def find(self, name: str) -> Any:
        """A resource of the deck, a machine that is one, or what stands in such a machine."""
        if self.deck is not None and self.deck.has_resource(name):
            return self.deck.get_resource(name)
        for machine in self.machines.values():
            if isinstance(machine.frontend, Resource) and machine.spec["frontend"] != "LiquidHandler":
                for resource in [machine.frontend, *machine.frontend.get_all_children()]:
                    if resource.name == name:
                        return resource
        raise CommandError("LABWARE_NOT_FOUND", f"There is no {name!r} in the workcell {self.spec['name']}.")

    def refill(self, name: str) -> None:
        spec = next(item for item in self.spec["labware"] if item["name"] == name)
        fill_fresh(self.find(name), spec["fresh"])

    async def connect_simulators(self) -> None:
        """Runs setup() where it moves nothing. A machine that can't be set up is left not ready, with the reason."""
        for machine in self.machines.values():
            if machine.spec["mode"] != "simulation":
                machine.not_ready_because = "connecting may move axes, so it is an operator's step"
                continue
            try:
                await machine.frontend.setup()
                machine.methods = registry.plan_methods(machine.frontend)
                machine.not_ready_because = None
            except BaseException as error:  # A driver may raise anything; the other machines are still of use.
                logger.exception("setup of %s failed", machine.name)
                machine.not_ready_because = f"its setup failed: {describe(error)}"

    def _has_resource(self, name: str) -> bool:
        return self.deck is not None and self.deck.has_resource(name)


def _build_machine(spec: dict[str, Any], deck: Deck | None) -> Machine:
    frontend_class = registry.find_frontend(spec["frontend"])
    backend_class = registry.find_backend(spec["backend"], spec["mode"])
    if spec["frontend"] == "LiquidHandler" and deck is None:
        raise BridgeError("BAD_ARGUMENTS", f"{spec['name']}: a LiquidHandler needs a deck.")
    try:
        backend = backend_class(**_decode_backend_arguments(backend_class, spec["backendArguments"]))
        given = {"name": spec["name"], "backend": backend, "deck": deck, "child_location": Coordinate.zero()}
        frontend = frontend_class(**registry.fill_constructor(frontend_class, given))
    except Exception as error:
        raise BridgeError("BAD_ARGUMENTS", f"{spec['name']} can't be built: {describe(error)}") from error
    if spec["mode"] == "simulation":
        liquid_handler.silence_simulated_tip_sensor(backend)
    boundary.guard_backend(backend)
    return Machine(spec["name"], spec, frontend, {})


def _decode_backend_arguments(backend_class: type, given: dict[str, Any]) -> dict[str, Any]:
    hints = typing.get_type_hints(backend_class.__init__)
    parameters = inspect.signature(backend_class).parameters
    named = [p for p in parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    required = frozenset(p.name for p in named if p.default is inspect.Parameter.empty)

    def refuse(name: str) -> Any:
        raise CommandError("BAD_ARGUMENTS", f"a backend takes no reference, not even to {name!r}")

    return decode_arguments({name: hints.get(name, Any) for name in parameters}, required, given, refuse)
