"""Corrections: what a person says is true on the deck now. One that can't be true is refused, naming the fact.

Facts are applied in their order to the live trackers; whoever calls takes everything back when one of them is refused.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from pylabrobot.resources import Container, TipSpot

from ..wire.errors import BridgeError, CommandError
from .state import WorkcellState
from .workcell import Workcell

Fact = dict[str, Any]


def apply_corrections(facts: list[Fact], workcell: Workcell, state: WorkcellState) -> None:
    for number, fact in enumerate(facts, 1):
        try:
            _apply(fact, workcell, state)
        except (BridgeError, CommandError) as error:
            raise BridgeError("BAD_STATEMENT", f"Correction {number}: {error}") from error


def list_corrected_machines(facts: list[Fact]) -> list[str]:
    return [fact["machine"] for fact in facts if isinstance(fact.get("machine"), str)]


def _apply(fact: Fact, workcell: Workcell, state: WorkcellState) -> None:
    if "channel" in fact:
        _allow(fact, {"machine", "channel", "tipFrom", "volumeUl"})
        _correct_channel(fact, workcell, state)
    elif "location" in fact:
        _allow(fact, {"labware", "location"})
        correct_location(fact, workcell, state)
    elif "hasTip" in fact:
        _allow(fact, {"labware", "item", "hasTip"})
        _correct_spot(fact, workcell)
    elif "volumeUl" in fact:
        _allow(fact, {"labware", "item", "volumeUl"})
        _correct_volume(fact, workcell, state)
    else:
        raise _refuse("it states no volumeUl, hasTip, channel or location")


def _correct_volume(fact: Fact, workcell: Workcell, state: WorkcellState) -> None:
    container = _find_item(fact, workcell)
    if not isinstance(container, Container):
        raise _refuse(f"{_show(fact)} holds no liquid")
    container.tracker.set_volume(_read_volume(fact, container.max_volume, _show(fact)))
    state.forget_interval(container.name)


def _correct_spot(fact: Fact, workcell: Workcell) -> None:
    spot = _require_spot(fact, workcell)
    if not isinstance(fact["hasTip"], bool):
        raise _refuse("hasTip must be true or false")
    if fact["hasTip"] and not spot.tracker.has_tip:
        spot.tracker.add_tip(spot.make_tip(), origin=spot, commit=True)
    elif not fact["hasTip"] and spot.tracker.has_tip:
        spot.tracker.remove_tip(commit=True)


def _correct_channel(fact: Fact, workcell: Workcell, state: WorkcellState) -> None:
    head = _find_head(fact, workcell)
    channel = fact["channel"]
    if isinstance(channel, bool) or not isinstance(channel, int) or channel not in head:
        raise _refuse(f"{fact['machine']} has no channel {channel!r}; its channels are 0 to {len(head) - 1}")
    tracker = head[channel]
    if "tipFrom" in fact:
        _put_on_channel(fact, head, workcell)
    if "volumeUl" not in fact:
        return
    if not tracker.has_tip:
        raise _refuse(f"channel {channel} of {fact['machine']} holds no tip, so no liquid")
    tip = tracker.get_tip()
    tip.tracker.set_volume(_read_volume(fact, tip.maximal_volume, f"the tip on channel {channel}"))
    state.intervals.forget(tip.name)


def _put_on_channel(fact: Fact, head: dict[int, Any], workcell: Workcell) -> None:
    """A tip that a channel holds is not in its rack any more."""
    tracker, origin = head[fact["channel"]], fact["tipFrom"]
    if origin is None:
        if tracker.has_tip:
            tracker.remove_tip(commit=True)
        return
    if not isinstance(origin, dict):
        raise _refuse("tipFrom must be {labware, item}, or null for an empty channel")
    spot = _require_spot(origin, workcell)
    holders = [channel for channel, other in head.items() if other.has_tip and other.get_tip_origin() is spot]
    if fact["channel"] in holders:
        return
    if holders:
        raise _refuse(f"channel {holders[0]} holds the tip of {_show(origin)} already")
    if tracker.has_tip:
        tracker.remove_tip(commit=True)
    tip = spot.tracker.get_tip() if spot.tracker.has_tip else spot.make_tip()
    if spot.tracker.has_tip:
        spot.tracker.remove_tip(commit=True)
    tracker.add_tip(tip, origin=spot, commit=True)


def correct_location(fact: Fact, workcell: Workcell, state: WorkcellState) -> None:
    """Raises BAD_STATEMENT, or BAD_ARGUMENTS for a place that is taken; then nothing has changed."""
    name, location = fact["labware"], fact["location"]
    if name not in workcell.labware_names:
        raise _refuse(f"the workcell has no labware {name!r}")
    site = location.get("site") if isinstance(location, dict) else None
    is_site = site is None or (isinstance(site, int) and not isinstance(site, bool))
    on_carrier = isinstance(location, dict) and isinstance(location.get("carrier"), str) and site is not None
    in_machine = isinstance(location, dict) and isinstance(location.get("machine"), str)
    if not is_site or on_carrier == in_machine:
        raise _refuse("location must be {carrier, site} or {machine}")
    state.move_labware(name, location)


def _find_head(fact: Fact, workcell: Workcell) -> dict[int, Any]:
    machine = workcell.machines.get(fact["machine"]) if isinstance(fact.get("machine"), str) else None
    if machine is None:
        raise _refuse(f"the workcell has no machine {fact.get('machine')!r}")
    head: dict[int, Any] | None = getattr(machine.frontend, "head", None)
    if not machine.is_ready or not head:
        raise _refuse(f"{machine.name} has no channels, or is not connected")
    return head


def _require_spot(place: Fact, workcell: Workcell) -> TipSpot:
    spot = _find_item(place, workcell)
    if not isinstance(spot, TipSpot):
        raise _refuse(f"{_show(place)} is no place for a tip")
    return spot


def _find_item(place: Fact, workcell: Workcell) -> Any:
    labware, item = place.get("labware"), place.get("item")
    if not isinstance(labware, str) or labware not in workcell.labware_names:
        raise _refuse(f"the workcell has no labware {labware!r}")
    resource = workcell.find(labware)
    if item is None:
        return resource
    try:
        find: Callable[[str], Any] = resource.get_item
        return find(item)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise _refuse(f"{labware} has no position {item!r}") from error


def _read_volume(fact: Fact, most_ul: float, where: str) -> float:
    volume_ul = fact["volumeUl"]
    is_number = isinstance(volume_ul, (int, float)) and not isinstance(volume_ul, bool)
    if not is_number or not math.isfinite(volume_ul) or not 0 <= volume_ul <= most_ul:
        raise _refuse(f"{where} holds 0 to {most_ul:g} µL, not {volume_ul!r}")
    return float(volume_ul)


def _allow(fact: Fact, names: set[str]) -> None:
    extra = sorted(set(fact) - names)
    if extra:
        raise _refuse(f"{', '.join(extra)} can't be stated together with {', '.join(sorted(set(fact) & names))}")


def _show(place: Fact) -> str:
    return f"{place.get('labware')} {place['item']}" if place.get("item") is not None else str(place.get("labware"))


def _refuse(what: str) -> BridgeError:
    return BridgeError("BAD_STATEMENT", f"{what}.")
