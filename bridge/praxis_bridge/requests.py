"""Checks the parameters of a request before anything acts on them; every refusal names the field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .errors import BridgeError
from .jsontext import hash_json

ID_LIMIT_CHARACTERS = 500
LABWARE_PER_REQUEST_LIMIT = 200
SAFE_INTEGER = 2**53 - 1


@dataclass(frozen=True)
class CommandRequest:
    id: str
    # CommandIdentity of the wire: everything but the call-log entries.
    identity: dict[str, Any]
    calls: dict[str, Any] | None
    payload_hash: str

    @property
    def machine(self) -> str:
        return str(self.identity["machine"])

    @property
    def method(self) -> str:
        return str(self.identity["method"])

    @property
    def fence(self) -> int:
        return int(self.identity["fence"])

    def body(self) -> dict[str, Any]:
        """Members that the first row of this command carries."""
        calls = {} if self.calls is None else {"calls": self.calls}
        return {"command": self.identity, **calls, "payloadHash": self.payload_hash}


def parse_command(params: dict[str, Any]) -> CommandRequest:
    identity = {
        "runId": read_text(params, "runId"),
        "callPath": read_text(params, "callPath"),
        "n": read_integer(params, "n", 0),
        "retry": read_integer(params, "retry", 0),
        "machine": read_text(params, "machine"),
        "method": read_text(params, "method"),
        "arguments": read_object(params, "arguments"),
        "fence": read_integer(params, "fence", 0),
    }
    calls = params.get("calls")
    if calls is not None:
        calls = read_object(params, "calls")
    return CommandRequest(read_text(params, "id"), identity, calls, hash_json(identity))


def read_text(params: dict[str, Any], name: str) -> str:
    value = params.get(name)
    if not isinstance(value, str) or not 1 <= len(value) <= ID_LIMIT_CHARACTERS or not value.isprintable():
        raise _refuse(name, f"a text of 1 to {ID_LIMIT_CHARACTERS} printable characters")
    return value


def read_integer(params: dict[str, Any], name: str, lowest: int, highest: int = SAFE_INTEGER) -> int:
    value = params.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
        raise _refuse(name, f"an integer from {lowest} to {highest}")
    return value


def read_object(params: dict[str, Any], name: str) -> dict[str, Any]:
    value = params.get(name)
    if not isinstance(value, dict):
        raise _refuse(name, "an object")
    return value


def read_names(params: dict[str, Any], name: str) -> list[str]:
    value = params.get(name)
    if not isinstance(value, list) or len(value) > LABWARE_PER_REQUEST_LIMIT or not all(isinstance(item, str) for item in value):
        raise _refuse(name, f"a list of at most {LABWARE_PER_REQUEST_LIMIT} names")
    return list(dict.fromkeys(value))


def check_spec(spec: dict[str, Any]) -> dict[str, Any]:
    """The shape of a WorkcellSpec; what the names in it mean is checked where they are built."""
    read_text(spec, "name")
    for group, fields in (("machines", ("name", "frontend", "backend", "mode")), ("labware", ("name", "type", "category"))):
        for item in _read_list(spec, group):
            for name in fields:
                read_text(item, name)
    for machine in spec["machines"]:
        read_object(machine, "backendArguments")
        if machine["mode"] not in ("simulation", "hardware"):
            raise _refuse("mode", "simulation or hardware")
    for item in spec["labware"]:
        location = read_object(item, "location")
        read_text(location, "carrier")
        read_integer(location, "site", 0, 1000)
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


def _read_list(owner: dict[str, Any], name: str) -> list[dict[str, Any]]:
    value = owner.get(name)
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise _refuse(name, "a list of objects")
    return value


def _refuse(name: str, wanted: str) -> BridgeError:
    return BridgeError("INVALID_REQUEST", f"'{name}' must be {wanted}.")
