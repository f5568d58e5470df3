"""Checks the parameters of a request before anything acts on them; every refusal names the field."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from functools import cached_property

from .errors import BridgeError
from .jsontext import hash_json
from .shapes import CommandIdentity, JsonObject

ID_LIMIT_CHARACTERS = 500
# A call's own path; ids hold no more than a part of it.
CALL_PATH_LIMIT_CHARACTERS = 2000
# The id of a run and the path of a call of it.
SCOPE_LIMIT_CHARACTERS = ID_LIMIT_CHARACTERS + CALL_PATH_LIMIT_CHARACTERS
LABWARE_PER_REQUEST_LIMIT = 200
COMMANDS_PER_BLOCK_LIMIT = 10_000
COMMANDS_PER_TURN = 200
CORRECTIONS_LIMIT = 1000
NOTE_LIMIT_CHARACTERS = 2000
SAFE_INTEGER = 2**53 - 1
SITE_LIMIT = 1000
# Tests only: shortens every deadline, so that nobody has to wait minutes for one to pass.
DEADLINE_SCALE = float(os.environ.get("PRAXIS_DEADLINE_SCALE", "1"))
DEADLINE_LIMIT_MS = 30 * 24 * 3600 * 1000
COORDINATE_LIMIT_MM = 10_000


@dataclass(frozen=True)
class Asking:
    """What its asker says of a command, by which it is told whether it may have been sent under a journal that was lost."""

    command_id: str
    # When it was asked for the first time, where its asker says so.
    at_ms: int | None
    # It was asked for before, and may have been sent then.
    is_again: bool
    # The machine that it is for, and the fence under which its asker holds it.
    held: tuple[str, int] | None


@dataclass(frozen=True)
class CommandRequest:
    id: str
    # CommandIdentity of the wire: everything but the call-log entries, the shield and the deadline.
    identity: CommandIdentity
    calls: JsonObject | None
    is_shielded: bool
    # From the beginning of its execution; then its outcome is in doubt. None: however long it takes.
    deadline_ms: int | None = None
    asking: Asking | None = None

    @cached_property
    def payload_hash(self) -> str:
        """Not of `isShielded` and `deadlineMs`: a retry of the same command may be shielded differently."""
        return hash_json(self.identity)

    @property
    def deadline_s(self) -> float | None:
        return None if self.deadline_ms is None else self.deadline_ms / 1000 * DEADLINE_SCALE

    @property
    def run_id(self) -> str:
        return str(self.identity["runId"])

    @property
    def under_run_id(self) -> str | None:
        """The held run whose machine a command by hand uses."""
        under = self.identity.get("underRunId")
        return None if under is None else str(under)

    @property
    def machine(self) -> str:
        return str(self.identity["machine"])

    @property
    def method(self) -> str:
        return str(self.identity["method"])

    @property
    def fence(self) -> int:
        return int(self.identity["fence"])

    def require_same(self, payload_hash: str | None) -> None:
        """The id stands for one command only."""
        if payload_hash != self.payload_hash:
            raise BridgeError("DUPLICATE_COMMAND", f"The command id {self.id} was used before with another payload.")

    @cached_property
    def body(self) -> JsonObject:
        """Members that the first row of this command carries."""
        calls = {} if self.calls is None else {"calls": self.calls}
        return {"command": self.identity, **calls, "payloadHash": self.payload_hash}


def parse_command(params: JsonObject) -> CommandRequest:
    identity: CommandIdentity = {
        "runId": read_text(params, "runId"),
        "callPath": read_text(params, "callPath", CALL_PATH_LIMIT_CHARACTERS),
        "n": read_integer(params, "n", 0),
        "retry": read_integer(params, "retry", 0),
        "machine": read_text(params, "machine"),
        "method": read_text(params, "method"),
        "arguments": read_object(params, "arguments"),
        "fence": read_integer(params, "fence", 0),
    }
    if params.get("underRunId") is not None:
        identity["underRunId"] = read_text(params, "underRunId")
    calls = params.get("calls")
    if calls is not None:
        calls = read_object(params, "calls")
    is_shielded = False if params.get("isShielded") is None else read_boolean(params, "isShielded")
    deadline_ms = None if params.get("deadlineMs") is None else read_integer(params, "deadlineMs", 1, DEADLINE_LIMIT_MS)
    return CommandRequest(read_text(params, "id"), identity, calls, is_shielded, deadline_ms, read_asking(params))


def read_asking(params: JsonObject) -> Asking:
    at_ms = None if params.get("askedAtMs") is None else read_integer(params, "askedAtMs", 0)
    is_again = False if params.get("isAgain") is None else read_boolean(params, "isAgain")
    held = None if params.get("fence") is None else (read_text(params, "machine"), read_integer(params, "fence", 0))
    return Asking(read_text(params, "id"), at_ms, is_again, held)


async def parse_block(params: JsonObject) -> list[CommandRequest]:
    """All commands are checked before the first one moves. Others get their turn meanwhile."""
    commands: list[CommandRequest] = []
    for given in read_objects(params, "commands", COMMANDS_PER_BLOCK_LIMIT):
        commands.append(parse_command(given))
        if len(commands) % COMMANDS_PER_TURN == 0:
            await asyncio.sleep(0)
    if not commands:
        raise _refuse("commands", "a list of at least one command")
    return commands


def read_text(params: JsonObject, name: str, limit: int = ID_LIMIT_CHARACTERS) -> str:
    value = params.get(name)
    if not isinstance(value, str) or not 1 <= len(value) <= limit or not value.isprintable():
        raise _refuse(name, f"a text of 1 to {limit} printable characters")
    return value


def read_integer(params: JsonObject, name: str, lowest: int, highest: int = SAFE_INTEGER) -> int:
    value = params.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
        raise _refuse(name, f"an integer from {lowest} to {highest}")
    return value


def read_boolean(params: JsonObject, name: str) -> bool:
    value = params.get(name)
    if not isinstance(value, bool):
        raise _refuse(name, "true or false")
    return value


def read_choice(params: JsonObject, name: str, choices: tuple[str, ...]) -> str:
    value = params.get(name)
    if value not in choices:
        raise _refuse(name, "one of " + ", ".join(choices))
    return str(value)


def read_note(params: JsonObject, name: str) -> str:
    """Words of a person: may be empty, may have line breaks."""
    value = params.get(name)
    if not isinstance(value, str) or len(value) > NOTE_LIMIT_CHARACTERS or not _is_encodable(value):
        raise _refuse(name, f"a text of at most {NOTE_LIMIT_CHARACTERS} characters")
    return value


def read_texts(params: JsonObject, name: str, limit: int) -> list[str]:
    value = params.get(name)
    if not isinstance(value, list) or len(value) > limit or not all(isinstance(item, str) for item in value):
        raise _refuse(name, f"a list of at most {limit} texts")
    return value


def read_objects(params: JsonObject, name: str, limit: int) -> list[JsonObject]:
    value = _read_list(params, name)
    if len(value) > limit:
        raise _refuse(name, f"a list of at most {limit} objects")
    return value


def read_object(params: JsonObject, name: str) -> JsonObject:
    value = params.get(name)
    if not isinstance(value, dict):
        raise _refuse(name, "an object")
    return value


def read_names(params: JsonObject, name: str) -> list[str]:
    value = params.get(name)
    if not isinstance(value, list) or len(value) > LABWARE_PER_REQUEST_LIMIT or not all(isinstance(item, str) for item in value):
        raise _refuse(name, f"a list of at most {LABWARE_PER_REQUEST_LIMIT} names")
    return list(dict.fromkeys(value))


def check_spec(spec: JsonObject) -> JsonObject:
    """The shape of a WorkcellSpec; what the names in it mean is checked where they are built."""
    read_text(spec, "name")
    for group, fields in (("machines", ("name", "frontend", "backend", "mode")), ("labware", ("name", "type", "category"))):
        for item in _read_list(spec, group):
            for name in fields:
                read_text(item, name)
    for machine in spec["machines"]:
        read_object(machine, "backendArguments")
        if "frontendArguments" in machine:
            read_object(machine, "frontendArguments")
        if "location" in machine:
            _check_machine_location(read_object(machine, "location"))
        if machine["mode"] not in ("simulation", "hardware"):
            raise _refuse("mode", "simulation or hardware")
    for item in spec["labware"]:
        _check_labware_location(read_object(item, "location"))
        fresh = read_object(item, "fresh")
        if not isinstance(fresh.get("wellsUl", {}), dict):
            raise _refuse("fresh.wellsUl", "an object of volumes by well")
    if spec.get("deck", False) is not None:
        deck = read_object(spec, "deck")
        read_text(deck, "type")
        for carrier in _read_list(deck, "carriers"):
            read_text(carrier, "name")
            read_text(carrier, "type")
            read_integer(carrier, "rails", -20, 100)
    return spec


def _is_encodable(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _check_machine_location(location: JsonObject) -> None:
    if "carrier" in location:
        _check_site(location)
        return
    for axis in ("x", "y", "z"):
        value = location.get(axis)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) <= COORDINATE_LIMIT_MM:
            raise _refuse(f"location.{axis}", f"a number from -{COORDINATE_LIMIT_MM} to {COORDINATE_LIMIT_MM}")


def _check_labware_location(location: JsonObject) -> None:
    if "machine" not in location:
        _check_site(location)
        return
    read_text(location, "machine")
    if "site" in location:
        read_integer(location, "site", 0, SITE_LIMIT)


def _check_site(location: JsonObject) -> None:
    read_text(location, "carrier")
    read_integer(location, "site", 0, SITE_LIMIT)


def _read_list(owner: JsonObject, name: str) -> list[JsonObject]:
    value = owner.get(name)
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise _refuse(name, "a list of objects")
    return value


def _refuse(name: str, wanted: str) -> BridgeError:
    return BridgeError("INVALID_REQUEST", f"'{name}' must be {wanted}.")
