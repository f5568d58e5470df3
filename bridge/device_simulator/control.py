"""Control requests: what a test, or a person's hand, does to the simulated lab. They are served at once beside motions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .acting import Actor, World

Given = dict[str, Any]
Control = Callable[[Given], Any]


def make_controls(world: World, actor: Actor) -> dict[str, Control]:
    """By name. Each takes the members of its request, and raises ValueError or KeyError for what does not fit."""

    def add_fault(given: Given) -> Any:
        return {"faultId": world.faults.add(given.get("fault"))}

    def clear_faults(_given: Given) -> Any:
        world.faults.clear()
        return {}

    def read_physics(given: Given) -> Any:
        truth = world.physics.dump()
        name = given.get("device")
        if name is not None:
            truth["channels"] = {name: truth["channels"].get(name, {})}
            truth["devices"] = {name: truth["devices"].get(name, {})}
        return truth

    def cycle_power(given: Given) -> Any:
        actor.cycle_power(given["device"])
        return {}

    def home_device(given: Given) -> Any:
        actor.home(given["device"])
        return {}

    def put_labware(given: Given) -> Any:
        with world.physics.record(None) as (before, after):
            for item in given["labware"]:
                _put(world, item)
        actor.write_control_line("labware.put", None, before, after)
        return {}

    return {
        "faults.add": add_fault,
        "faults.list": lambda _given: {"faults": world.faults.list()},
        "faults.clear": clear_faults,
        "physics.read": read_physics,
        "power.cycle": cycle_power,
        "device.home": home_device,
        "labware.put": put_labware,
        "devices.list": lambda _given: {"devices": actor.list_devices()},
    }


def _put(world: World, item: Given) -> None:
    """Fresh matter under a name: whatever was in labware of that name is gone."""
    physics, name = world.physics, item["name"]
    wells = {_key(name, well): contents for well, contents in item.get("wells", {}).items()}
    tips = {_key(name, spot) for spot in item.get("tips", [])}
    for key in [key for key in physics.wells if _belongs(key, name) and key not in wells]:
        physics.set_well(key, 0.0)
    for key, contents in wells.items():
        if contents.get("maxVolumeUl") is not None:
            physics.max_volumes_ul[key], physics.has_news = contents["maxVolumeUl"], True
        physics.set_well(key, contents["volumeUl"])
        physics.begin_anew(key)
    for key in {*tips, *(key for key in physics.tips if _belongs(key, name))}:
        physics.set_tip(key, key in tips)
    if item.get("place") is not None:
        physics.set_place(name, item["place"])


def _key(labware: str, item: str) -> str:
    """The item of a trough, which has none, is the empty text."""
    return f"{labware}:{item}" if item else labware


def _belongs(key: str, labware: str) -> bool:
    return key == labware or key.startswith(f"{labware}:")
