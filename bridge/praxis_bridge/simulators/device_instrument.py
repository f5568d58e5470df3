"""What backends of instruments in the device simulator share: their link, their traits, and the place they are for labware."""

from __future__ import annotations

from typing import Any

from pylabrobot.resources import Plate

from .device_link import REPLY_TIMEOUT_S, DeviceBackend
from .device_matter import name_place, read_max_volume_ul


class InstrumentBackend(DeviceBackend):
    """`traits` are properties of the machine itself, told to its device with every operation, as `degreesPerSecond`."""

    def __init__(self, socket: str, device: str, traits: dict[str, Any] | None = None, reply_timeout_s: float = REPLY_TIMEOUT_S) -> None:
        super().__init__()
        self.open_link(socket, device, reply_timeout_s)
        self._device, self._traits = device, traits or {}
        self._frontend: Any = None

    def stand_behind(self, frontend: Any) -> None:
        """Some front ends do not tell their backend what stands on them."""
        self._frontend = frontend

    async def setup(self) -> None:
        """Nothing moves, and nothing is sent: the link opens with the first operation."""

    async def stop(self) -> None:
        self.link.close()

    async def _act(self, op: str, **args: Any) -> Any:
        return await super()._act(op, **args, **({"traits": self._traits} if self._traits else {}))

    def _describe(self, labware: list[Plate]) -> list[dict[str, Any]]:
        """As the trackers have it. The device believes it once, where it has never heard of that labware."""
        return [_describe_plate(plate, self._device) for plate in labware]


def _describe_plate(plate: Plate, device: str) -> dict[str, Any]:
    wells = {
        plate.get_child_identifier(well): {"volumeUl": well.tracker.volume, "maxVolumeUl": read_max_volume_ul(well)}
        for well in plate.get_all_items()
    }
    return {"name": plate.name, "place": name_place(plate.parent, device), "wells": wells}
