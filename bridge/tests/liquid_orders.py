"""Orders to a simulated liquid handler called star, and what is true of it afterwards."""

from __future__ import annotations

from typing import Any

from device_simulator_process import DeviceSimulator


def make_order(op: str, **args: Any) -> dict[str, Any]:
    return {"device": "star", "kind": "liquid_handler", "op": op, "args": args, "commandId": f"r1/{op}", "fence": 4}


def order_pick_up(*channels: int) -> dict[str, Any]:
    return make_order("pick_up_tips", channels=[{"channel": str(c), "spot": f"tips:{'ABCDEFGH'[c]}1", "hasTip": True} for c in channels])


def order_transfer(op: str, volume_ul: float, *channels: int, initial_ul: float = 200.0, max_ul: float = 300.0) -> dict[str, Any]:
    told = {"volumeUl": volume_ul, "initialUl": initial_ul, "maxVolumeUl": max_ul}
    return make_order(op, channels=[{"channel": str(c), "well": f"plate:{'ABCDEFGH'[c]}1", **told} for c in channels])


def read_truth(simulator: DeviceSimulator) -> dict[str, Any]:
    truth: dict[str, Any] = simulator.control("physics.read", device="star")
    return {**truth, "channels": truth["channels"]["star"]}
