"""A scale: it weighs the labware and the liquid that stand on it, whatever anybody believes."""

from __future__ import annotations

from ..device import Arguments, Device, Plan
from .instrument import do_once, learn_labware, read_trait

EMPTY_LABWARE_G = 40.0
G_PER_UL = 0.001
WEIGHT_DECIMALS = 4


class Scale(Device):
    KIND = "scale"
    READS = Device.READS | {"read_weight"}
    # In grams of everything on the pan: what reads as zero, and what a tare takes off beside.
    FRESH = {"zeroG": 0.0, "tareG": 0.0}

    def plan_zero(self, args: Arguments) -> Plan:
        learn_labware(self.physics, args)
        return do_once(lambda: self.set(zeroG=self._weigh(args), tareG=0.0))

    def plan_tare(self, args: Arguments) -> Plan:
        learn_labware(self.physics, args)
        return do_once(lambda: self.set(tareG=self._weigh(args) - self.state["zeroG"]))

    def plan_read_weight(self, args: Arguments) -> Plan:
        learn_labware(self.physics, args)
        return Plan(result=lambda: round(self._weigh(args) - self.state["zeroG"] - self.state["tareG"], WEIGHT_DECIMALS))

    def _weigh(self, args: Arguments) -> float:
        empty_g: float = read_trait(args, "emptyLabwareG", EMPTY_LABWARE_G)
        standing = self.physics.list_at(args.get("place", self.name))
        return sum(empty_g + self._sum_volumes_ul(labware) * G_PER_UL for labware in standing)

    def _sum_volumes_ul(self, labware: str) -> float:
        wells = self.physics.wells.items()
        return sum(volume_ul for key, volume_ul in wells if key == labware or key.startswith(f"{labware}:"))
