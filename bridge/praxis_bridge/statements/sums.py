"""Whether what a person states is possible together: channels and containers of one command hold no more than was there, and a tip
is in one place.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..plr.intervals import Entry, list_volumes
from ..wire.errors import BridgeError
from ..wire.shapes import CommandIdentity, JsonObject
from .channels import CHANNELIZED
from .touching import list_references

Fact = JsonObject
# Volumes are stated by people, who round.
ROUNDING_UL = 0.5


def require_possible_together(command: CommandIdentity, facts: list[Fact], before: dict[str, Entry]) -> None:
    """`before` is what was known before the command. Raises BAD_STATEMENT with the sums."""
    _require_tips_in_one_place(facts)
    items, channels = _list_items(command), _list_channels(command)
    stated = [fact for fact in facts if "volumeUl" in fact and _is_of(fact, command["machine"], items, channels)]
    was_ul = sum(_read_most_ul(before, command["machine"], items, channels))
    now_ul = sum(float(fact["volumeUl"]) for fact in stated)
    if len(stated) > 0 and now_ul > was_ul + ROUNDING_UL:
        said = " + ".join(f"{fact['volumeUl']:g} ({_show(fact)})" for fact in stated)
        why = f"{said} = {now_ul:g} µL can't be there together"
        raise BridgeError("BAD_STATEMENT", f"{why}: before {command['method']} its channels and containers held {was_ul:g} µL in all.")


def settle_entries(entries: dict[str, Entry], own: set[str], ranges_before: JsonObject) -> dict[str, Entry]:
    """The entries with the intervals of `own` as they were before; nothing of the state changes."""

    def settle(key: str, held: Entry) -> Entry:
        if key not in own:
            return held
        rest = {name: value for name, value in held.items() if name != "volumeRangeUl"}
        return {**rest, "volumeRangeUl": ranges_before[key]} if key in ranges_before else rest

    settled: dict[str, Entry] = {}
    for name, entry in entries.items():
        heads: JsonObject = {
            head: {channel: settle(tip["name"], tip) for channel, tip in entry[head].items()}
            for head in ("head", "head96")
            if head in entry
        }
        settled[name] = {**settle(name, entry), **heads}
    return settled


def _require_tips_in_one_place(facts: list[Fact]) -> None:
    held = [(fact["tipFrom"]["labware"], fact["tipFrom"].get("item")) for fact in facts if isinstance(fact.get("tipFrom"), dict)]
    for fact in facts:
        spot = (fact.get("labware"), fact.get("item"))
        if fact.get("hasTip") is True and spot in held:
            raise BridgeError("BAD_STATEMENT", f"The tip of {spot[0]} {spot[1]} can't be in its rack and on a channel.")


def _is_of(fact: Fact, machine: str, items: set[tuple[str, str | None]], channels: list[int]) -> bool:
    if "channel" in fact:
        return bool(fact.get("machine") == machine and fact["channel"] in channels)
    return _is_named(items, fact.get("labware"), fact.get("item"))


def _is_named(items: set[tuple[str, str | None]], labware: object, item: object) -> bool:
    """A whole item names all of its positions."""
    return (labware, item) in items or (labware, None) in items


def _list_items(command: CommandIdentity) -> set[tuple[str, str | None]]:
    items: set[tuple[str, str | None]] = set()
    for kind, value in list_references(command["arguments"]):
        if kind == "$ref" and isinstance(value, str):
            items.add((value, None))
        elif kind == "$item" and isinstance(value, list) and len(value) == 2:
            items.add((value[0], value[1]))
    return items


def _list_channels(command: CommandIdentity) -> list[int]:
    arguments = command["arguments"]
    given = arguments.get("use_channels")
    members = arguments.get(CHANNELIZED.get(command["method"], ""))
    return list(given) if isinstance(given, list) else list(range(len(members))) if isinstance(members, list) else []


def _read_most_ul(before: dict[str, Entry], machine: str, items: set[tuple[str, str | None]], channels: list[int]) -> Iterator[float]:
    for name, entry in before.items():
        if name == machine:
            held = [tip for channel, tip in entry.get("head", {}).items() if int(channel) in channels]
        elif "volumeUl" in entry and _is_named(items, entry.get("labware"), entry.get("item")):
            held = list(list_volumes(name, entry).values())
        else:
            continue
        yield from ((each.get("volumeRangeUl") or {"max": each["volumeUl"]})["max"] for each in held)


def _show(fact: Fact) -> str:
    return f"channel {fact['channel']}" if "channel" in fact else f"{fact.get('labware')} {fact.get('item') or ''}".strip()
