"""Intervals: how much liquid may be in a container that a command in doubt has drawn from or given to.

An interval stands beside the tracked volume and follows what later commands draw and give, until a person has said what
is true. Containers go by their name, tips by theirs, wherever they hang.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Entry = dict[str, Any]
Range = dict[str, float]


@dataclass(frozen=True)
class Bounds:
    # The tracked volume when the bounds were set.
    tracked_ul: float
    min_ul: float
    max_ul: float


class Intervals:
    """Owns what is in doubt."""

    def __init__(self) -> None:
        self._bounds: dict[str, Bounds] = {}

    def set(self, name: str, tracked_ul: float, range_ul: Range | None) -> None:
        if range_ul is None:
            self._bounds.pop(name, None)
        else:
            self._bounds[name] = Bounds(tracked_ul, range_ul["min"], range_ul["max"])

    def forget(self, name: str) -> None:
        self._bounds.pop(name, None)

    def forget_tips_of(self, spot: str) -> None:
        for name in [name for name in self._bounds if name.rpartition("#")[0] == spot]:
            self.forget(name)

    def mark(self, name: str, entry: Entry) -> Entry:
        """The entry with its interval, where it is in doubt. No machine draws more than there is."""
        bounds = self._bounds.get(name)
        if bounds is None:
            return entry
        moved_ul = entry["volumeUl"] - bounds.tracked_ul
        return {**entry, "volumeRangeUl": {"min": max(0.0, bounds.min_ul + moved_ul), "max": max(0.0, bounds.max_ul + moved_ul)}}

    def mark_tips(self, entry: Entry) -> Entry:
        """The entry of a machine with heads, or of a tip spot."""
        if not self._bounds:
            return entry
        marked = dict(entry)
        for head in ("head", "head96"):
            if head in entry:
                marked[head] = {channel: self.mark(tip["name"], tip) for channel, tip in entry[head].items()}
        if entry.get("tip") is not None:
            marked["tip"] = self.mark(entry["tip"]["name"], entry["tip"])
        return marked

    def restore(self, name: str, entry: Entry) -> None:
        """Sets what an entry says, of whatever kind it is; an entry without an interval ends one."""
        for key, held in list_volumes(name, entry).items():
            self.set(key, held["volumeUl"], held.get("volumeRangeUl"))


def list_volumes(name: str, entry: Entry) -> dict[str, Entry]:
    """Whatever of an entry holds a volume, by the name under which its interval goes."""
    volumes = {name: entry} if "volumeUl" in entry else {}
    tips = [*entry.get("head", {}).values(), *entry.get("head96", {}).values(), entry.get("tip")]
    return {**volumes, **{tip["name"]: tip for tip in tips if tip is not None}}


def span(*entries: Entry) -> Range:
    """The interval that holds what each of them says."""
    ranges = [entry.get("volumeRangeUl") or {"min": entry["volumeUl"], "max": entry["volumeUl"]} for entry in entries]
    return {"min": min(each["min"] for each in ranges), "max": max(each["max"] for each in ranges)}
