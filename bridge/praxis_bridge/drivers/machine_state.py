"""What front ends keep in memory only and PyLabRobot would lose: targets, door, bucket, angle, freedrive; heads and grip.

A simulator has a state of its own as well, `read_state()`, which a real instrument keeps in itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import liquid_handler

Entry = dict[str, Any]

# Attribute of a front end → member of its entry.
FIELDS = {
    "target_temperature": "targetTemperatureC",
    "_door_open": "isDoorOpen",
    "_absolute_angle": "angleDegrees",
    "_in_freedrive": "isInFreedrive",
}
# Simulators of PyLabRobot have no read_state(); these are the attributes in which they remember.
CHATTERBOX_FIELDS = {
    "_dummy_temperature": "temperatureC",
}


def read_machine(frontend: Any) -> Entry:
    """What must come back after a restart. Machines without such a thing have an empty entry."""
    if hasattr(frontend, "head96"):
        return liquid_handler.read_head_state(frontend)
    entry: Entry = {name: getattr(frontend, field) for field, name in FIELDS.items() if hasattr(frontend, field)}
    if hasattr(frontend, "_at_bucket"):
        entry["atBucket"] = None if frontend._at_bucket is None else frontend._at_bucket.name
    if hasattr(frontend, "loading_tray"):
        entry.update(_read_incubator(frontend))
    simulated = _read_simulator(frontend.backend)
    return {**entry, "simulated": simulated} if simulated else entry


def restore_machine(frontend: Any, entry: Entry, find: Callable[[str], Any]) -> None:
    """After setup(), which a simulator begins as new."""
    if hasattr(frontend, "head96"):
        liquid_handler.restore_head_state(frontend, entry, find)
        return
    for field, name in FIELDS.items():
        if hasattr(frontend, field) and name in entry:
            setattr(frontend, field, entry[name])
    if hasattr(frontend, "_at_bucket"):
        buckets = {bucket.name: bucket for bucket in (frontend.bucket1, frontend.bucket2)}
        frontend._at_bucket = buckets.get(entry.get("atBucket"))
    _restore_simulator(frontend.backend, entry.get("simulated", {}))


def roll_back_machine(frontend: Any, entry: Entry) -> None:
    """After a command that did not succeed: front ends note targets before their backend has taken them."""
    if hasattr(frontend, "head96"):
        liquid_handler.roll_back_notes(frontend, entry)
        return
    for field, name in FIELDS.items():
        if hasattr(frontend, field) and name in entry:
            setattr(frontend, field, entry[name])


def _read_incubator(frontend: Any) -> Entry:
    held = {site.name: site.resource.name for rack in frontend.racks for site in rack.sites.values() if site.resource is not None}
    tray = frontend.loading_tray.resource
    return {"sites": held, "tray": None if tray is None else tray.name}


def _read_simulator(backend: Any) -> Entry:
    if hasattr(backend, "read_state"):
        return dict(backend.read_state())
    return {name: getattr(backend, field) for field, name in CHATTERBOX_FIELDS.items() if hasattr(backend, field)}


def _restore_simulator(backend: Any, state: Entry) -> None:
    if not state:
        return
    if hasattr(backend, "restore_state"):
        backend.restore_state(state)
        return
    for field, name in CHATTERBOX_FIELDS.items():
        if hasattr(backend, field) and name in state:
            setattr(backend, field, state[name])
