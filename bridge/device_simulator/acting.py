"""Acts: an order is planned by its device, takes its time, changes physics, stands on the tape, and only then is answered.

Orders of one device wait for each other; stops do not. What a fault or a stop cuts short is done in part.
"""

from __future__ import annotations

import asyncio
import math
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .answers import Answer, garble, refuse
from .device import Device, DeviceError, Part, Plan
from .devices import DEVICE_KINDS
from .faults import Fault, Faults
from .physics import Physics
from .store import Store
from .tape import Tape

KILLED_EXIT_CODE = 137
# A motion that was under way when the process was killed had come so far.
KILLED_FRACTION = 0.5
# Modes in which nothing acts.
IDLE_MODES = frozenset({"hang", "drop-connection", "refuse", "need-homing"})
# Modes that let only a part of the motion happen.
CUTTING_MODES = frozenset({"part", "part-silent", "die-mid-motion", "power-cycle"})


@dataclass(frozen=True)
class Order:
    """One operation that a driver asks for."""

    device: str
    kind: str
    op: str
    args: dict[str, Any]
    command_id: str | None
    fence: int | None

    def body(self) -> dict[str, Any]:
        asked = {"device": self.device, "kind": self.kind, "op": self.op, "args": self.args}
        return {**asked, "commandId": self.command_id, "fence": self.fence}


@dataclass
class Motion:
    """A motion under way, or an operation without one that ends at once."""

    began_ns: int = field(default_factory=time.monotonic_ns)
    # How much of it is going to happen.
    fraction: float = 1.0
    cut: asyncio.Event = field(default_factory=asyncio.Event)
    lost_power: bool = False
    # It stands among the motions under way, in case the process is killed.
    is_noted: bool = False


@dataclass(frozen=True)
class World:
    physics: Physics
    tape: Tape
    store: Store
    faults: Faults
    motion_s: float


class Actor:
    """Owns the devices."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._devices: dict[str, Device] = {}
        self._turns: dict[str, asyncio.Lock] = {}
        self._motions: dict[str, Motion] = {}

    def list_devices(self) -> list[dict[str, str]]:
        return [{"device": device.name, "kind": device.KIND} for device in self._devices.values()]

    async def serve(self, order: Order) -> Answer:
        try:
            device = self._find(order.device, order.kind)
        except DeviceError as error:
            return refuse(error)
        if order.op in device.STOPS:
            return await self._serve_in_turn(device, order)
        async with self._turns[device.name]:
            return await self._serve_in_turn(device, order)

    def finish_killed_motions(self) -> None:
        """At the start: what had begun when the process was killed was done in part, and nobody was told."""
        for body in self._world.store.list_motions():
            device = self._find(body["device"], body["kind"])
            order = Order(body["device"], body["kind"], body["op"], body["args"], body["commandId"], body["fence"])
            motion = Motion(began_ns=body["beganMonoNs"], fraction=KILLED_FRACTION, is_noted=True)
            self._act(order, device.plan(order.op, order.args), (motion, "cut", None))

    def home(self, name: str) -> None:
        """Somebody presses the button on the device."""
        with self._world.physics.record(name) as (before, after):
            self._devices[name].set(isHomed=True)
        self.write_control_line("home", name, before, after)

    def cycle_power(self, name: str) -> None:
        """The power of a device goes off and on. A motion under way ends in part, and writes the line itself."""
        motion = self._motions.get(name)
        if motion is not None:
            motion.lost_power = True
            motion.cut.set()
            return
        device = self._devices.get(name)
        if device is None:
            raise ValueError(f"No device {name!r} has been addressed yet.")
        with self._world.physics.record(name) as (before, after):
            device.forget()
        self.write_control_line("power.cycle", name, before, after)

    def write_control_line(self, op: str, device: str | None, before: dict[str, Any], after: dict[str, Any]) -> None:
        """What happened to the matter by other hands than those of a device."""
        body: dict[str, Any] = {
            "device": device,
            "kind": "control",
            "op": op,
            "args": {},
            "commandId": None,
            "fence": None,
            "isRead": False,
        }
        self._world.tape.append({**body, "outcome": "done", "beganMonoNs": time.monotonic_ns(), "before": before, "after": after})
        self._world.store.save_if_due()

    def _find(self, name: str, kind: str) -> Device:
        device = self._devices.get(name)
        if device is None:
            if kind not in DEVICE_KINDS:
                raise DeviceError("UnknownKind", f"{kind!r} is no kind of device; known are: {', '.join(sorted(DEVICE_KINDS))}.")
            device = self._devices[name] = DEVICE_KINDS[kind](name, self._world.physics)
            self._turns[name] = asyncio.Lock()
        if kind != device.KIND:
            raise DeviceError("UnknownKind", f"{name} is a {device.KIND}, not a {kind}.")
        return device

    async def _serve_in_turn(self, device: Device, order: Order) -> Answer:
        """A fault meets only what the device would do; what it refuses by itself is no occasion for one."""
        try:
            plan = device.plan(order.op, order.args)
        except DeviceError as error:
            return refuse(error)
        if plan.interrupts and device.name in self._motions:
            self._motions[device.name].cut.set()
        fault = self._world.faults.take(order.device, order.op)
        if fault is None:
            return await self._act_whole(device, order, plan)
        if fault["mode"] in IDLE_MODES:
            return self._stay_idle(device, fault)
        if fault["mode"] in CUTTING_MODES:
            return await self._act_in_part(device, order, (plan, fault))
        return garble(fault, await self._act_whole(device, order, plan))

    def _stay_idle(self, device: Device, fault: Fault) -> Answer:
        if fault["mode"] == "need-homing":
            with self._world.physics.record(device.name) as (before, after):
                device.set(isHomed=False)
            self.write_control_line("homing.lost", device.name, before, after)
            return refuse(device.explain_homing())
        if fault["mode"] == "refuse":
            return refuse(DeviceError(fault["error"]["type"], fault["error"]["message"]))
        return Answer(is_silent=True, closes=fault["mode"] == "drop-connection")

    async def _act_whole(self, device: Device, order: Order, plan: Plan) -> Answer:
        motion = await self._move(device, order, (plan, 1.0))
        outcome = "cut" if motion.lost_power else "done" if motion.fraction >= 1 else "part"
        self._act(order, plan, (motion, outcome, None))
        if motion.lost_power:
            return Answer(is_silent=True, closes=True)
        if motion.fraction < 1:
            return refuse(DeviceError("PartDone", f"{order.op} was stopped after a part of it."))
        return Answer(plan.result()) if not plan.failed else refuse(_name_failed(plan.failed), plan.failed)

    async def _act_in_part(self, device: Device, order: Order, given: tuple[Plan, Fault]) -> Answer:
        plan, fault = given
        mode, fraction = fault["mode"], fault["fraction"]
        labels = [part.label for part in plan.parts]
        names_channels = mode == "part" and len(labels) > 1 and all(label.isdigit() for label in labels)
        if names_channels:
            fraction = max(1, math.floor(fraction * len(labels))) / len(labels)
        motion = await self._move(device, order, (plan, fraction))
        motion.lost_power = motion.lost_power or mode == "power-cycle"
        self._act(order, plan, (motion, "part" if mode.startswith("part") else "cut", mode))
        if mode == "die-mid-motion":
            os._exit(KILLED_EXIT_CODE)
        if mode != "part":
            return Answer(is_silent=True, closes=True)
        if not names_channels:
            return refuse(DeviceError("PartDone", f"{order.op} ended early; a part of it was done."))
        undone = labels[round(fraction * len(labels)) :]
        error = DeviceError(fault["error"]["type"], fault["error"]["message"])
        return refuse(error, {**plan.failed, **dict.fromkeys(undone, error)})

    async def _move(self, device: Device, order: Order, given: tuple[Plan, float]) -> Motion:
        """Waits as long as so much of the motion takes, or until it is cut short."""
        plan, fraction = given
        is_quick = order.op in device.READS or order.op in device.STOPS
        length_s = plan.motion_s if plan.motion_s is not None else 0.0 if is_quick else self._world.motion_s
        motion = Motion(fraction=fraction)
        if length_s <= 0 or fraction <= 0:
            return motion
        self._world.store.begin_motion(device.name, {**order.body(), "beganMonoNs": motion.began_ns})
        self._motions[device.name], motion.is_noted = motion, True
        try:
            await asyncio.wait_for(motion.cut.wait(), length_s * fraction)
            motion.fraction = min(fraction, (time.monotonic_ns() - motion.began_ns) / 1e9 / length_s)
        except TimeoutError:
            pass  # Nothing has cut it short.
        finally:
            del self._motions[device.name]
        return motion

    def _act(self, order: Order, plan: Plan, how: tuple[Motion, str, str | None]) -> None:
        """Changes physics and writes the line; nothing of this can be seen before it is on the tape."""
        motion, outcome, fault = how
        device = self._devices[order.device]
        with self._world.physics.record(order.device) as (before, after):
            carry_out(plan.parts, motion.fraction)
            if motion.lost_power:
                device.forget()
        line = {**order.body(), "isRead": order.op in device.READS, "outcome": outcome, "beganMonoNs": motion.began_ns}
        self._world.tape.append({**line, "before": before, "after": after, **({} if fault is None else {"fault": fault})})
        if motion.is_noted:
            self._world.store.end_motion(order.device)
        self._world.store.save_if_due()


def carry_out(parts: Sequence[Part], fraction: float) -> None:
    """The first of the parts, as many as the fraction says, and of the next one the rest of the fraction."""
    reach = round(fraction * len(parts), 9)
    whole = math.floor(reach)
    for part in parts[:whole]:
        part.change(1.0)
    if whole < len(parts) and reach > whole:
        parts[whole].change(reach - whole)


def _name_failed(failed: dict[str, DeviceError]) -> DeviceError:
    first = next(iter(failed.values()))
    return DeviceError(first.type, f"{len(failed)} channels did not do it; the first: {first}")
