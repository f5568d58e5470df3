"""Kinds of devices by their name on the wire. A kind is one class; what is not listed here can't be addressed."""

from __future__ import annotations

from ..device import Device

DEVICE_KINDS: dict[str, type[Device]] = {}
