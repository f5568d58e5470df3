"""What the smaller instruments share: plans of one change, traits told by the driver, and labware nobody has named before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..device import Arguments, Part, Plan
from ..physics import Physics


def do_once(change: Callable[[], None], result: Callable[[], Any] = lambda: None, interrupts: bool = False) -> Plan:
    """A plan of one change that is made whole or, where a fault cuts it short, not at all."""

    def change_whole(fraction: float) -> None:
        if fraction >= 1:
            change()

    return Plan([Part("", change_whole)], result, interrupts=interrupts)


def read_trait(args: Arguments, name: str, otherwise: Any) -> Any:
    """A property of the machine itself, as its driver was configured."""
    return args.get("traits", {}).get(name, otherwise)


def learn_labware(physics: Physics, args: Arguments) -> None:
    """Believes the driver once of labware that the simulator has never heard of."""
    for labware in args.get("labware", []):
        name = labware["name"]
        physics.learn_place(name, labware["place"])
        for item, well in labware["wells"].items():
            physics.learn_well(make_key(name, item), well["volumeUl"], well["maxVolumeUl"])


def make_key(labware: str, item: str) -> str:
    """Of a well in physics: "plate_1:A1", or the name alone where the labware is one container."""
    return f"{labware}:{item}" if item else labware
