"""What front ends keep in memory only and PyLabRobot would lose: targets, door, bucket, angle, freedrive; heads and grip.

A simulator has a state of its own as well, `read_state()`, which a real instrument keeps in itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import liquid_handler
from .interlock_table import LEARNED

Entry = dict[str, Any]

# Attribute of a front end → member of its entry.
FIELDS = {
    "target_temperature": "targetTemperatureC",
    "_door_open": "isDoorOpen",
    "_absolute_angle": "angleDegrees",
    "_in_freedrive": "isInFreedrive",
}
# Members of the state of a simulator that say whether its door is open. That of an incubator is not where plates are handed over.
SIMULATED_DOORS = ("isOpen", "isLidOpen")
# Simulators of PyLabRobot have no read_state(); these are the attributes in which they remember.
CHATTERBOX_FIELDS = {
    "_dummy_temperature": "temperatureC",
}


def read_machine(frontend: Any) -> Entry:
    """What must come back after a restart. Machines without such a thing have an empty entry."""
    if hasattr(frontend, "head96"):
        return _with_learned(frontend, liquid_handler.read_head_state(frontend))
    entry: Entry = {name: getattr(frontend, field) for field, name in FIELDS.items() if hasattr(frontend, field)}
    if hasattr(frontend, "_at_bucket"):
        entry["atBucket"] = None if frontend._at_bucket is None else frontend._at_bucket.name
    if hasattr(frontend, "loading_tray"):
        entry.update(_read_incubator(frontend))
    simulated = _read_simulator(frontend.backend)
    return _with_learned(frontend, {**entry, "simulated": simulated} if simulated else entry)


def restore_machine(frontend: Any, entry: Entry, find: Callable[[str], Any]) -> None:
    """After setup(), which a simulator begins as new."""
    frontend._praxis_learned = dict(entry.get("known", {}))
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
    frontend._praxis_learned = dict(entry.get("known", {}))
    if hasattr(frontend, "head96"):
        liquid_handler.roll_back_notes(frontend, entry)
        return
    for field, name in FIELDS.items():
        if hasattr(frontend, field) and name in entry:
            setattr(frontend, field, entry[name])


def learn(frontend: Any, method: str, arguments: dict[str, Any]) -> None:
    """The method has been done: real instruments do not tell afterwards how they stand, so it is remembered."""
    learned = next((LEARNED[kind][method] for kind in _list_kinds(frontend) if method in LEARNED.get(kind, {})), None)
    # Shaken for a time, it stands still again.
    if learned is not None and arguments.get("duration") is None:
        frontend._praxis_learned = {**getattr(frontend, "_praxis_learned", {}), learned[0]: learned[1]}


def read_known(frontend: Any) -> dict[str, str]:
    """What is known of doors, clamps and motion; a simulator tells its own."""
    simulated = _read_simulator(getattr(frontend, "backend", None))
    known = dict(getattr(frontend, "_praxis_learned", {}))
    for name in SIMULATED_DOORS:
        if name in simulated:
            known["door"] = "open" if simulated[name] else "closed"
    return known


def _with_learned(frontend: Any, entry: Entry) -> Entry:
    learned = getattr(frontend, "_praxis_learned", {})
    return {**entry, "known": dict(learned)} if learned else entry


def _list_kinds(frontend: Any) -> list[str]:
    return [owner.__name__ for owner in type(frontend).__mro__]


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
