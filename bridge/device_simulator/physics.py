"""The matter of the simulated lab: liquids, tips, channels, places, and what each device is in.

One truth for all devices. It refuses nothing: a well may overflow (the rest is spilt), an empty one yields air.
Keys of `wells` and `tips` are "plate_1:A1", or the name alone for a trough; those of `places` are names of labware.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

Section = dict[str, Any]
SECTIONS = ("wells", "tips", "channels", "places", "device")
# Liquid that ran over stands here, so that none is ever lost.
SPILL = "spill"
# Finer differences are noise of binary fractions.
VOLUME_DECIMALS = 6


class Physics:
    """Owns the truth. While `record` is open, changes are noted with what was true before."""

    def __init__(self) -> None:
        self.wells: dict[str, float] = {}
        self.max_volumes_ul: dict[str, float] = {}
        # Since when a well that is not empty has held liquid; cultures grow from then on.
        self.filled_at_ms: dict[str, int] = {}
        self.tips: dict[str, bool] = {}
        # Device → channel → {"tip", "volumeUl"} or None.
        self.channels: dict[str, Section] = {}
        self.places: dict[str, str] = {}
        self.devices: dict[str, Section] = {}
        # Something was learnt that stands on no line of the tape.
        self.has_news = False
        self._recording: tuple[str | None, dict[str, Section], dict[str, Section]] | None = None

    @contextmanager
    def record(self, device: str | None) -> Iterator[tuple[dict[str, Section], dict[str, Section]]]:
        """Yields (before, after) of everything that changes inside; channels and device are those of one device."""
        before: dict[str, Section] = {}
        after: dict[str, Section] = {}
        self._recording = (device, before, after)
        try:
            yield before, after
        finally:
            self._recording = None

    def learn_well(self, key: str, volume_ul: float | None, max_volume_ul: float | None = None) -> None:
        """What the trackers say of a well that nobody has named before; afterwards the simulator knows better."""
        if key not in self.wells:
            self.wells[key], self.has_news = _round(volume_ul or 0.0), True
            self._date_filling(key, _read_clock_ms())
        if key not in self.max_volumes_ul and max_volume_ul is not None:
            self.max_volumes_ul[key], self.has_news = max_volume_ul, True

    def learn_tip(self, key: str, has_tip: bool) -> None:
        if key not in self.tips:
            self.tips[key], self.has_news = has_tip, True

    def learn_place(self, labware: str, place: str | None) -> None:
        if labware not in self.places and place is not None:
            self.places[labware], self.has_news = place, True

    def learn_device(self, device: str, state: Section) -> None:
        """What a device is like when it is switched on for the first time."""
        known = self.devices.setdefault(device, {})
        for name, value in state.items():
            if name not in known:
                known[name], self.has_news = copy.deepcopy(value), True

    def take(self, key: str, volume_ul: float) -> float:
        """Takes liquid from a well; what comes, the rest is air."""
        taken_ul = min(self.wells.get(key, 0.0), volume_ul)
        self.set_well(key, self.wells.get(key, 0.0) - taken_ul)
        return taken_ul

    def pour(self, key: str, volume_ul: float) -> None:
        total_ul = self.wells.get(key, 0.0) + volume_ul
        kept_ul = min(total_ul, self.max_volumes_ul.get(key, total_ul))
        self.set_well(key, kept_ul)
        if total_ul > kept_ul:
            self.set_well(SPILL, self.wells.get(SPILL, 0.0) + total_ul - kept_ul)

    def set_well(self, key: str, volume_ul: float) -> None:
        self._change("wells", self.wells, key, _round(volume_ul))
        self._date_filling(key, _read_clock_ms())

    def begin_anew(self, key: str) -> None:
        """What is in the well was put there just now, whatever it held before."""
        self.filled_at_ms.pop(key, None)
        self._date_filling(key, _read_clock_ms())
        self.has_news = True

    def set_tip(self, key: str, has_tip: bool) -> None:
        self._change("tips", self.tips, key, has_tip)

    def set_place(self, labware: str, place: str) -> None:
        self._change("places", self.places, labware, place)

    def list_at(self, place: str) -> list[str]:
        """Labware that stands at a place."""
        return [labware for labware, where in self.places.items() if where == place]

    def read_channel(self, device: str, channel: str) -> Section | None:
        held: Section | None = self.channels.get(device, {}).get(channel)
        return held

    def set_channel(self, device: str, channel: str, held: Section | None) -> None:
        if held is not None:
            held = {**held, "volumeUl": _round(held["volumeUl"])}
        self._change("channels", self.channels.setdefault(device, {}), channel, held)

    def read_device(self, device: str) -> Section:
        return self.devices.setdefault(device, {})

    def set_device(self, device: str, **state: Any) -> None:
        for name, value in state.items():
            self._change("device", self.devices.setdefault(device, {}), name, value)

    def apply(self, device: str | None, after: dict[str, Section], at_ms: int) -> None:
        """Makes true what a line of the tape says came after it."""
        self.wells.update(after.get("wells", {}))
        for key in after.get("wells", {}):
            self._date_filling(key, at_ms)
        self.tips.update(after.get("tips", {}))
        self.places.update(after.get("places", {}))
        if device is not None:
            self.channels.setdefault(device, {}).update(after.get("channels", {}))
            self.devices.setdefault(device, {}).update(after.get("device", {}))

    def dump(self) -> Section:
        truth = {"wells": self.wells, "maxVolumesUl": self.max_volumes_ul, "filledAtMs": self.filled_at_ms}
        truth = {**truth, "tips": self.tips, "places": self.places}
        return copy.deepcopy({**truth, "channels": self.channels, "devices": self.devices})

    def load(self, dumped: Section) -> None:
        self.wells, self.max_volumes_ul, self.tips = dumped["wells"], dumped["maxVolumesUl"], dumped["tips"]
        self.places, self.channels, self.devices = dumped["places"], dumped["channels"], dumped["devices"]
        self.filled_at_ms = dumped["filledAtMs"]

    def _date_filling(self, key: str, now_ms: int) -> None:
        if self.wells[key] <= 0:
            self.filled_at_ms.pop(key, None)
        else:
            self.filled_at_ms.setdefault(key, now_ms)

    def _change(self, section: str, owner: Section, key: str, value: Any) -> None:
        value = copy.deepcopy(value)
        if self._recording is not None:
            _device, before, after = self._recording
            before.setdefault(section, {}).setdefault(key, copy.deepcopy(owner.get(key)))
            after.setdefault(section, {})[key] = value
        owner[key] = value


def _read_clock_ms() -> int:
    return time.time_ns() // 1_000_000


def _round(volume_ul: float) -> float:
    return round(float(volume_ul), VOLUME_DECIMALS)
