"""What each channel of a command did, as a person states it: the command is thought through once more for those alone
that did it.
"""

from __future__ import annotations

from ..wire.errors import BridgeError
from ..wire.requests import read_choice, read_integer, read_objects
from ..wire.shapes import CommandIdentity, JsonObject

CHANNELS_LIMIT = 96
DONE, NOT_DONE = "done", "not-done"

# Argument of a method that has one member per channel, which says how many there are.
CHANNELIZED = {
    "pick_up_tips": "tip_spots",
    "drop_tips": "tip_spots",
    "aspirate": "vols",
    "dispense": "vols",
}


def parse_channels(params: JsonObject) -> dict[int, str]:
    """Channel → done or not-done. Raises BAD_STATEMENT where one is named twice."""
    stated: dict[int, str] = {}
    if params.get("channels") is None:
        return stated
    for fact in read_objects(params, "channels", CHANNELS_LIMIT):
        channel = read_integer(fact, "channel", 0, CHANNELS_LIMIT - 1)
        if channel in stated:
            raise BridgeError("BAD_STATEMENT", f"Channel {channel} is stated twice.")
        stated[channel] = read_choice(fact, "happened", (DONE, NOT_DONE))
    return stated


def keep_done(command: CommandIdentity, stated: dict[int, str]) -> CommandIdentity | None:
    """The command as if only the channels that did it had been asked; None where none did. Every channel must be stated."""
    method, arguments = command["method"], command["arguments"]
    members = arguments.get(CHANNELIZED.get(method, ""))
    if not isinstance(members, list):
        raise BridgeError("BAD_STATEMENT", f"{method} is not done channel by channel; state it with corrections.")
    channels = arguments.get("use_channels") or list(range(len(members)))
    for channel in stated:
        if channel not in channels:
            raise BridgeError("BAD_STATEMENT", f"{method} did not use channel {channel}; it used {_join(channels)}.")
    missing = [channel for channel in channels if channel not in stated]
    if missing:
        raise BridgeError("BAD_STATEMENT", f"Nothing is said of channel {_join(missing)}, which {method} used too.")
    kept = [index for index, channel in enumerate(channels) if stated[channel] == DONE]
    if not kept:
        return None
    chosen = {name: _choose(value, kept, len(channels)) for name, value in arguments.items()}
    return {**command, "arguments": {**chosen, "use_channels": [channels[index] for index in kept]}}


def _choose(value: object, kept: list[int], count: int) -> object:
    return [value[index] for index in kept] if isinstance(value, list) and len(value) == count else value


def _join(channels: list[int]) -> str:
    return ", ".join(map(str, channels))
