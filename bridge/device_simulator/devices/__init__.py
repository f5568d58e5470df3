"""Kinds of devices by their name on the wire. A kind is one class; what is not listed here can't be addressed."""

from __future__ import annotations

from ..device import Device
from .arm import Arm
from .barcode_scanner import BarcodeScanner
from .heater_shaker import HeaterShaker
from .incubator import Incubator
from .liquid_handler import LiquidHandler
from .peeler import Peeler
from .plate_reader import PlateReader
from .pump import Pump
from .scale import Scale
from .sealer import Sealer
from .thermocycler import Thermocycler

KINDS: tuple[type[Device], ...] = (
    LiquidHandler,
    Arm,
    BarcodeScanner,
    HeaterShaker,
    Incubator,
    Peeler,
    PlateReader,
    Pump,
    Scale,
    Sealer,
    Thermocycler,
)

DEVICE_KINDS: dict[str, type[Device]] = {kind.KIND: kind for kind in KINDS}
