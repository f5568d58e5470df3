"""JSON as it crosses the wire and enters the journal: finite numbers, limited depth, one canonical text.

Python would write NaN and Infinity, which no JavaScript reader takes, and dies of recursion at depth 1,000.
"""

import hashlib
import json
import math
import re
from typing import NoReturn

DEPTH_LIMIT = 64

# Made once: json.dumps would make an encoder per call, and every command writes three texts.
_COMPACT = json.JSONEncoder(separators=(",", ":"), allow_nan=False)
_CANONICAL = json.JSONEncoder(separators=(",", ":"), allow_nan=False, sort_keys=True)


# What neither Postgres nor UTF-8 can hold. A byte that is no UTF-8 comes as U+DC80 to U+DCFF from Python's own readers.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class JsonError(ValueError):
    """The text is not JSON that the bridge accepts; the message says why."""


def parse_json(text: bytes) -> object:
    try:
        value = json.loads(text.decode("utf-8"), parse_constant=_refuse_constant, parse_float=_parse_finite)
    except JsonError:
        raise
    except (ValueError, RecursionError) as error:
        raise JsonError(f"not JSON: {type(error).__name__}: {str(error)[:200]}") from error
    _refuse_depth(value)
    return value


def dump_json(value: object) -> str:
    """Compact ASCII text; raises on NaN, so that none can slip out. Callers encode foreign values first."""
    return _COMPACT.encode(value)


def dump_canonical(value: object) -> str:
    return _CANONICAL.encode(value)


def make_visible(text: str) -> str:
    """Any text a driver says, so that it can be stored and shown: what can't be is written as its escape."""
    return _UNSTORABLE.sub(lambda found: _escape(ord(found[0])), text)


def hash_json(value: object) -> str:
    return hashlib.sha256(dump_canonical(value).encode()).hexdigest()


def _escape(code: int) -> str:
    if code == 0:
        return "\\x00"
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"\\u{code:04x}"


def _refuse_constant(name: str) -> NoReturn:
    raise JsonError(f"{name} is not a JSON number")


def _parse_finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise JsonError(f"the number {text[:40]} is too large")
    return number


def _refuse_depth(value: object) -> None:
    level: list[object] = [value]
    for _ in range(DEPTH_LIMIT + 1):
        below: list[object] = []
        for node in level:
            if isinstance(node, dict):
                below.extend(node.values())
            elif isinstance(node, list):
                below.extend(node)
        if not below:
            return
        level = below
    raise JsonError(f"nested deeper than {DEPTH_LIMIT} levels")
