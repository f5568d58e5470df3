"""Front ends and backends by id. A request names an id of these tables; nothing else can be built or called."""

from __future__ import annotations

import importlib
import typing

from ..wire.errors import BridgeError
from .hardware_backends import HARDWARE_BACKENDS

# Values are modules; drivers from outside (foreign.py) add classes.
FRONTENDS: dict[str, str | type] = {
    "LiquidHandler": "pylabrobot.liquid_handling.liquid_handler",
    "PlateReader": "pylabrobot.plate_reading.plate_reader",
    "ByonoyAbsorbance96Automate": "pylabrobot.plate_reading.byonoy.byonoy_a96a",
    "ByonoyLuminescence96Automate": "pylabrobot.plate_reading.byonoy.byonoy_l96",
    "Imager": "pylabrobot.plate_reading.imager",
    "ImageReader": "pylabrobot.plate_reading.image_reader",
    "HeaterShaker": "pylabrobot.heating_shaking.heater_shaker",
    "Shaker": "pylabrobot.shaking.shaker",
    "TemperatureController": "pylabrobot.temperature_controlling.temperature_controller",
    "OpentronsTemperatureModuleV2": "pylabrobot.temperature_controlling.opentrons",
    "Thermocycler": "pylabrobot.thermocycling.thermocycler",
    "OpentronsThermocyclerModuleV1": "pylabrobot.thermocycling.opentrons",
    "OpentronsThermocyclerModuleV2": "pylabrobot.thermocycling.opentrons",
    "Centrifuge": "pylabrobot.centrifuge.centrifuge",
    "Loader": "pylabrobot.centrifuge.centrifuge",
    "Incubator": "pylabrobot.storage.incubator",
    "IncubatorShakerStack": "pylabrobot.storage.inheco.incubator_shaker",
    "Scale": "pylabrobot.scales.scale",
    "Tilter": "pylabrobot.tilting.tilter",
    "HamiltonTiltModule": "pylabrobot.tilting.hamilton",
    "PowderDispenser": "pylabrobot.powder_dispensing.powder_dispenser",
    "Fan": "pylabrobot.only_fans.fan",
    "Sealer": "pylabrobot.sealing.sealer",
    "Peeler": "pylabrobot.peeling.peeler",
    "BarcodeScanner": "pylabrobot.barcode_scanners.barcode_scanner",
    "ExperimentalSCARA": "pylabrobot.arms.scara",
    # PyLabRobot's Pump forgets to await its backend; ours is the same with the awaits.
    "Pump": "praxis_bridge.drivers.pump",
    "PumpArray": "pylabrobot.pumps.pumparray",
}

# Their setup() moves nothing, so the bridge may connect them by itself.
SIMULATED_BACKENDS: dict[str, str | type] = {
    "CountingSTARChatterboxBackend": "praxis_bridge.simulators.counting",
    "STARChatterboxBackend": "pylabrobot.liquid_handling.backends.hamilton.STAR_chatterbox",
    "LiquidHandlerChatterboxBackend": "pylabrobot.liquid_handling.backends.chatterbox",
    "PlateReaderSimulatorBackend": "praxis_bridge.simulators.plate_reader",
    "PlateReaderChatterboxBackend": "pylabrobot.plate_reading.chatterbox",
    "ImagerSimulatorBackend": "praxis_bridge.simulators.imager",
    "ImageReaderSimulatorBackend": "praxis_bridge.simulators.imager",
    "HeaterShakerSimulatorBackend": "praxis_bridge.simulators.heater_shaker",
    "HeaterShakerChatterboxBackend": "pylabrobot.heating_shaking.chatterbox",
    "ShakerChatterboxBackend": "pylabrobot.shaking.chatterbox",
    "TemperatureControllerChatterboxBackend": "pylabrobot.temperature_controlling.chatterbox",
    "ThermocyclerSimulatorBackend": "praxis_bridge.simulators.thermocycler",
    "ThermocyclerChatterboxBackend": "pylabrobot.thermocycling.chatterbox",
    "CentrifugeSimulatorBackend": "praxis_bridge.simulators.centrifuge",
    "CentrifugeChatterboxBackend": "pylabrobot.centrifuge.chatterbox",
    "LoaderChatterboxBackend": "pylabrobot.centrifuge.chatterbox",
    "IncubatorSimulatorBackend": "praxis_bridge.simulators.incubator",
    "IncubatorChatterboxBackend": "pylabrobot.storage.chatterbox",
    "IncubatorShakerStackSimulatorBackend": "praxis_bridge.simulators.incubator_shaker_stack",
    "ScaleChatterboxBackend": "pylabrobot.scales.chatterbox",
    "TilterChatterboxBackend": "pylabrobot.tilting.chatterbox",
    "PowderDispenserChatterboxBackend": "pylabrobot.powder_dispensing.chatterbox",
    "FanChatterboxBackend": "pylabrobot.only_fans.chatterbox",
    "PumpSimulatorBackend": "praxis_bridge.simulators.pump",
    "PumpArrayChatterboxBackend": "pylabrobot.pumps.chatterbox",
    "SealerSimulatorBackend": "praxis_bridge.simulators.sealer",
    "PeelerSimulatorBackend": "praxis_bridge.simulators.peeler",
    "BarcodeScannerSimulatorBackend": "praxis_bridge.simulators.barcode_scanner",
    "SCARASimulatorBackend": "praxis_bridge.simulators.scara",
    "DeviceLiquidHandlerBackend": "praxis_bridge.simulators.device_liquid_handler",
    # They drive a device of the device simulator, a process of its own.
    "DeviceArmBackend": "praxis_bridge.simulators.device_arm",
    "DeviceBarcodeScannerBackend": "praxis_bridge.simulators.device_barcode_scanner",
    "DeviceHeaterShakerBackend": "praxis_bridge.simulators.device_heater_shaker",
    "DeviceIncubatorBackend": "praxis_bridge.simulators.device_incubator",
    "DevicePeelerBackend": "praxis_bridge.simulators.device_peeler",
    "DevicePlateReaderBackend": "praxis_bridge.simulators.device_plate_reader",
    "DevicePumpBackend": "praxis_bridge.simulators.device_pump",
    "DeviceScaleBackend": "praxis_bridge.simulators.device_scale",
    "DeviceSealerBackend": "praxis_bridge.simulators.device_sealer",
    "DeviceThermocyclerBackend": "praxis_bridge.simulators.device_thermocycler",
}


# Their front ends make the backend of their vendor themselves; the simulators of the general kind fit them as well.
VENDOR_MODULES = frozenset({"pylabrobot.thermocycling.opentrons"})


def find_frontend(name: typing.Any) -> type:
    return _find_class(name, FRONTENDS, "front end")


def find_backend(name: typing.Any, mode: typing.Any) -> type:
    """A real backend is never taken for a simulator: simulators are set up without asking."""
    if mode == "simulation":
        return _find_class(name, SIMULATED_BACKENDS, "simulated backend")
    return _find_class(name, HARDWARE_BACKENDS, "hardware backend")


def list_simulators(frontend: str) -> list[str]:
    """Ids of the simulators that can stand behind a front end."""
    owner = find_frontend(frontend)
    return [name for name in SIMULATED_BACKENDS if fits(find_backend(name, "simulation"), owner)]


def fits(backend: type, frontend: type) -> bool:
    wanted = read_backend_class(frontend)
    # Where a front end names a class of hardware, a simulator says that it answers the same methods.
    return issubclass(backend, wanted) or getattr(backend, "stands_in_for", None) == wanted.__name__


def read_constructor_hints(owner: type) -> dict[str, typing.Any]:
    """Type hints of what a class is made of, by name of the argument."""
    return typing.get_type_hints(owner.__init__)  # type: ignore[misc]  # It is read, never called.


def read_backend_class(frontend: type) -> type:
    """The kind of backend that a front end drives. Vendors' front ends make their own; their general base says the kind."""
    for owner in frontend.__mro__:
        if "__init__" not in vars(owner) or owner.__module__ in VENDOR_MODULES:
            continue
        hint = read_constructor_hints(owner).get("backend")
        if isinstance(hint, type):
            return hint
    raise BridgeError("INTERNAL", f"{frontend.__name__} does not say which backend it drives.")


def _find_class(name: typing.Any, table: dict[str, str | type], what: str) -> type:
    module_name = table.get(name) if isinstance(name, str) else None
    if isinstance(module_name, type):
        return module_name
    if module_name is None:
        raise BridgeError("BAD_ARGUMENTS", f"{str(name)[:100]!r} is not a {what}; known are: {', '.join(sorted(table))}.")
    return typing.cast(type, getattr(importlib.import_module(module_name), name))
