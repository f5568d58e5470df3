"""The demonstration workcell of devices: a bridge, a device simulator, and commands that count on."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from bridge_process import BRIDGE_FOLDER, BridgeProcess, Client, make_command
from device_simulator_process import REPLY_TIMEOUT_S, DeviceSimulator

WORKCELL = BRIDGE_FOLDER.parent / "test" / "fixtures" / "device-workcell.json"


class DeviceLab:
    """Owns both processes; they are restarted at will."""

    def __init__(self, motion_ms: float = 0, module: str = "praxis_bridge", **backend_arguments: Any) -> None:
        self.bridge, self.devices = BridgeProcess(), DeviceSimulator(motion_ms)
        self.bridge.module = module
        self._backend_arguments = backend_arguments
        self._commands = 0
        self.client: Client

    def start(self, fault_at: str | None = None, machines: list[str] | None = None) -> None:
        """With all machines of the workcell, or only some."""
        self.devices.start()
        self.start_bridge(fault_at)
        self.client.ask("workcell.apply", spec=self._read_workcell(machines))

    def start_bridge(self, fault_at: str | None = None) -> None:
        self.bridge.start(fault_at)
        self.client = self.bridge.connect()

    def restart_bridge(self) -> None:
        self.bridge.kill()
        self.start_bridge()

    def make_command(self, machine: str, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        self._commands += 1
        return make_command(self._commands, method, arguments, machine=machine)

    def run(self, machine: str, method: str, **arguments: Any) -> Any:
        return self.client.ask("command.run", **self.make_command(machine, method, arguments))

    def do(self, machine: str, method: str, **arguments: Any) -> Any:
        outcome = self.run(machine, method, **arguments)
        assert outcome["status"] == "completed", (machine, method, outcome)
        return outcome["result"]

    def read_device(self, device: str) -> Any:
        return self.devices.control("physics.read", device=device)["devices"][device]

    def list_acts(self, device: str) -> list[str]:
        return [line["op"] for line in self.devices.read_acts() if line["device"] == device]

    def home(self, device: str) -> None:
        """By the hand of a person, at the panel of the device."""
        self.devices.control("device.home", device=device)

    def wait_for_motion(self, device: str) -> None:
        self._wait(lambda: self._is_moving(device), f"{device} does not move")

    def wait_for_rest(self, device: str) -> None:
        self._wait(lambda: not self._is_moving(device), f"{device} does not stop")

    def _is_moving(self, device: str) -> bool:
        motions = self.devices.folder / "state.json.motions"
        return motions.exists() and device in json.loads(motions.read_text())

    def _wait(self, is_reached: Callable[[], bool], otherwise: str) -> None:
        deadline = time.monotonic() + REPLY_TIMEOUT_S
        while not is_reached():
            assert time.monotonic() < deadline, otherwise
            time.sleep(0.01)

    def remove(self) -> None:
        self.bridge.remove()
        self.devices.remove()

    def _read_workcell(self, machines: list[str] | None) -> Any:
        spec = json.loads(WORKCELL.read_text())
        if machines is not None:
            spec["machines"] = [machine for machine in spec["machines"] if machine["name"] in machines]
            if "star" not in machines:
                spec["deck"] = None
            spec["labware"] = [item for item in spec["labware"] if _stands_there(item["location"], machines)]
        for machine in spec["machines"]:
            machine["backendArguments"].update({"socket": self.devices.socket_path, **self._backend_arguments})
            if spec["deck"] is None:
                machine.pop("location", None)
        return spec


def _stands_there(location: dict[str, Any], machines: list[str]) -> bool:
    return location.get("machine", "star") in machines


@contextmanager
def open_lab() -> Iterator[DeviceLab]:
    """A lab that is up, and gone afterwards whatever happened in it."""
    made = DeviceLab()
    try:
        made.start()
        yield made
    finally:
        made.remove()
