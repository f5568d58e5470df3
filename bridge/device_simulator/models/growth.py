"""Optical density of a growing culture: logistic in time, another lag and plateau for every well, the same for every seed."""

from __future__ import annotations

import hashlib
import math

BLANK_OD = 0.04
START_OD = 0.01
RATE_PER_HOUR = 1.2
LAG_HOURS = (0.5, 3.0)
PLATEAU_OD = (0.9, 1.6)
NOISE_OD = 0.004


def grow(seed: int, plate: str, row: int, column: int, hours: float) -> float:
    """OD of one well after so many hours. The noise is a hash of the time, so the same moment reads the same."""
    lag = _between(LAG_HOURS, seed, plate, row, column, "lag")
    plateau = _between(PLATEAU_OD, seed, plate, row, column, "plateau")
    grown = plateau / (1 + (plateau / START_OD - 1) * math.exp(-RATE_PER_HOUR * max(0.0, hours - lag)))
    noise = _between((-NOISE_OD, NOISE_OD), seed, plate, row, column, f"{hours:.4f}")
    return round(BLANK_OD + grown + noise, 4)


def _between(limits: tuple[float, float], *key: object) -> float:
    digest = hashlib.blake2b(repr(key).encode(), digest_size=8).digest()
    low, high = limits
    return low + (high - low) * int.from_bytes(digest, "big") / 2**64
