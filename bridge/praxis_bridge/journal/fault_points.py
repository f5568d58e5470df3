"""Fault points for crash tests: the process dies at a named point, as if it had been killed there.

Without the environment variable PRAXIS_FAULT_AT (tests only) every call is one comparison and does nothing.
The value is a point of POINTS, or `<point>:<n>` for the n-th time the point is passed.
"""

import os

POINTS = ("accepted", "before-sent", "after-sent", "device-done", "before-end", "after-end")
KILLED_EXIT_CODE = 137

_point, _, _count = os.environ.get("PRAXIS_FAULT_AT", "").partition(":")
_passes_left = int(_count or 1)


def at(point: str) -> None:
    global _passes_left
    if point != _point:
        return
    _passes_left -= 1
    if _passes_left == 0:
        os._exit(KILLED_EXIT_CODE)
