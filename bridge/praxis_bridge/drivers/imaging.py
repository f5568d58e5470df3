"""Images of a capture: kept as .npy files beside the lab's data, because arrays of megapixels must not travel.

What travels is the shape, the darkest, brightest and mean value, and the file. Small images travel as lists.
"""

from __future__ import annotations

import functools
import hashlib
import math
import os
import struct
from collections.abc import Callable
from typing import Any

# An image of at most this many values also travels as nested lists.
TRAVEL_LIMIT_VALUES = 1024
# Of an image of 8 bits.
BRIGHTEST = 255
# numpy's type codes by what a value of a plain list is.
_FLOAT_CODE, _BYTE_CODE = "<f8", "|u1"

_data_folder: str | None = None


def keep_files_in(folder: str) -> None:
    """Process-wide: where images go. Without a folder only small images can be shown."""
    global _data_folder
    _data_folder = folder


def keep_images(capture: Callable[..., Any]) -> Callable[..., Any]:
    """The front end's capture with a result that is plain JSON."""

    @functools.wraps(capture)
    async def captured(**arguments: Any) -> Any:
        result = await capture(**arguments)
        images = [describe_image(image) for image in result.images]
        return {"images": images, "exposure_time": result.exposure_time, "focal_height": result.focal_height}

    return captured


def describe_image(image: Any) -> dict[str, Any]:
    """A 2-D (or colour) image as numpy array or nested lists. Writes its file once; the name is that of its content."""
    shape, values, code = _flatten(image)
    summary: dict[str, Any] = {"shape": shape, "min": min(values), "max": max(values), "mean": math.fsum(values) / len(values)}
    if len(values) <= TRAVEL_LIMIT_VALUES:
        summary["data"] = image.tolist() if hasattr(image, "tolist") else image
    if _data_folder is not None:
        summary["file"] = _write_npy(shape, values, code)
    return summary


def make_evaluator(name: Any, fraction: float, margin: float) -> Callable[[Any], Any]:
    """How an exposure is judged, by its name in PyLabRobot, whose own functions want numpy. Raises ValueError."""
    judges = {"max_pixel_at_fraction": _read_brightest, "fraction_overexposed": _read_overexposed}
    if name not in judges:
        raise ValueError(f"an exposure is judged by {' or '.join(judges)}, not by {name!r}")

    async def evaluate_exposure(image: Any) -> str:
        above = judges[name](_flatten(image)[1]) - fraction
        return "good" if abs(above) <= margin else ("lower" if above > 0 else "higher")

    return evaluate_exposure


def _read_brightest(values: list[float]) -> float:
    return max(values) / BRIGHTEST


def _read_overexposed(values: list[float]) -> float:
    return sum(value >= BRIGHTEST for value in values) / len(values)


def _flatten(image: Any) -> tuple[list[int], list[float], str]:
    if hasattr(image, "ravel") and hasattr(image, "shape"):
        values = image.ravel().tolist()
        shape = [int(size) for size in image.shape]
    else:
        shape, values = [], image
        while isinstance(values, list) and values and isinstance(values[0], list):
            shape.append(len(values))
            values = [item for row in values for item in row]
        shape.append(len(values) // math.prod(shape or [1]))
    is_bytes = all(isinstance(value, int) and 0 <= value <= 255 for value in values)
    return shape, values, _BYTE_CODE if is_bytes else _FLOAT_CODE


def _write_npy(shape: list[int], values: list[float], code: str) -> str:
    """The format is numpy's, version 1.0: magic, length of the header, header padded to 64 bytes, values."""
    sizes = ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "")
    header = f"{{'descr': '{code}', 'fortran_order': False, 'shape': ({sizes}), }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    packed = bytes(values) if code == _BYTE_CODE else struct.pack(f"<{len(values)}d", *values)  # type: ignore[arg-type]
    content = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + packed
    assert _data_folder is not None
    path = os.path.join(_data_folder, f"{hashlib.sha256(content).hexdigest()[:32]}.npy")
    if not os.path.exists(path):
        os.makedirs(_data_folder, exist_ok=True)
        with open(f"{path}.part", "wb") as file:
            file.write(content)
        os.replace(f"{path}.part", path)
    return path
