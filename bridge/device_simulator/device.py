"""What every simulated instrument is: a name, a share of the physics, and a plan for each operation it understands.

An operation `op` is the method `plan_<op>(args)`. It looks at nothing but physics and arguments, changes nothing itself,
and returns the small physical changes in their order, so that a fault can let only the first of them happen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from .physics import Physics

Arguments = dict[str, Any]


class DeviceError(Exception):
    """The instrument's own answer that it did not do it. Raised in a plan: nothing acts. `type` is told to the driver."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.type = kind


@dataclass(frozen=True)
class Part:
    """One physical change. It is made once: whole (1.0), or to a fraction if a fault cuts it."""

    # Of a channel its number; the answer to a cut operation names the parts that were not done.
    label: str
    change: Callable[[float], None]


@dataclass(frozen=True)
class Plan:
    """What an operation does. Without parts it only answers."""

    parts: Sequence[Part] = ()
    # Read after the parts are done; JSON.
    result: Callable[[], Any] = lambda: None
    # How long it takes; None: the simulator's motion time.
    motion_s: float | None = None
    # Parts that the instrument finds impossible (no tip there): it does the others and answers these by label.
    failed: dict[str, DeviceError] = field(default_factory=dict)
    # Ends the motion under way on this device; for operations of STOPS.
    interrupts: bool = False


class Device:
    """Base of all kinds. A device keeps nothing in itself: what it is in stands in physics, which outlives the process."""

    KIND: ClassVar[str]
    # Operations that only look: on the tape as reads, and allowed before homing.
    READS: ClassVar[frozenset[str]] = frozenset({"connect"})
    # Operations that are served at once beside a motion.
    STOPS: ClassVar[frozenset[str]] = frozenset({"stop"})
    # What it is like when first switched on.
    FRESH: ClassVar[dict[str, Any]] = {}
    # What it is like after its power was cut: only the members that it forgets.
    FORGETS: ClassVar[dict[str, Any]] = {}

    def __init__(self, name: str, physics: Physics) -> None:
        self.name = name
        self.physics = physics
        physics.learn_device(name, {"isHomed": True, **self.FRESH})

    @property
    def state(self) -> dict[str, Any]:
        """Its members in physics; changed by `set`."""
        return self.physics.read_device(self.name)

    def set(self, **state: Any) -> None:
        self.physics.set_device(self.name, **state)

    def plan(self, op: str, args: Arguments) -> Plan:
        """Raises DeviceError where the instrument refuses."""
        make: Callable[[Arguments], Plan] | None = getattr(self, f"plan_{op}", None)
        if make is None:
            raise DeviceError("UnknownOperation", f"{self.KIND} has no operation {op!r}.")
        if not (self.state["isHomed"] or op in self.READS or op in self.STOPS or op in ("home", "setup")):
            raise self.explain_homing()
        return make(args)

    def explain_homing(self) -> DeviceError:
        return DeviceError("NotHomed", f"{self.name} does not know where its axes are; home it first.")

    def plan_connect(self, _args: Arguments) -> Plan:
        return Plan(result=lambda: dict(self.state))

    def plan_home(self, _args: Arguments) -> Plan:
        return Plan([Part("", lambda fraction: self.set(isHomed=fraction >= 1))])

    def plan_setup(self, args: Arguments) -> Plan:
        return self.plan_home(args)

    def plan_stop(self, _args: Arguments) -> Plan:
        return Plan(interrupts=True)

    def forget(self) -> None:
        """Its power was cut: it holds what it held, and no longer knows where it is."""
        self.set(isHomed=False, **self.FORGETS)
