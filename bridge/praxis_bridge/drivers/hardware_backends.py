"""Backends of real instruments by id, with the module that holds them. A test finds what PyLabRobot has and this page lacks."""

from __future__ import annotations

_HAMILTON = "pylabrobot.liquid_handling.backends.hamilton"
_MOLECULAR_DEVICES = "pylabrobot.plate_reading.molecular_devices"

HARDWARE_BACKENDS: dict[str, str | type] = {
    "STARBackend": f"{_HAMILTON}.STAR_backend",
    "VantageBackend": f"{_HAMILTON}.vantage_backend",
    "NimbusBackend": f"{_HAMILTON}.nimbus_backend",
    "OpentronsOT2Backend": "pylabrobot.liquid_handling.backends.opentrons_backend",
    "EVOBackend": "pylabrobot.liquid_handling.backends.tecan.EVO_backend",
    "BioTekPlateReaderBackend": "pylabrobot.plate_reading.agilent.biotek_backend",
    "CytationBackend": "pylabrobot.plate_reading.agilent.biotek_cytation_backend",
    "SynergyH1Backend": "pylabrobot.plate_reading.agilent.biotek_synergyh1_backend",
    "CLARIOstarBackend": "pylabrobot.plate_reading.bmg_labtech.clario_star_backend",
    "ByonoyAbsorbance96AutomateBackend": "pylabrobot.plate_reading.byonoy.byonoy_backend",
    "ByonoyLuminescence96AutomateBackend": "pylabrobot.plate_reading.byonoy.byonoy_backend",
    "MolecularDevicesBackend": f"{_MOLECULAR_DEVICES}.backend",
    "MolecularDevicesSpectraMax384PlusBackend": f"{_MOLECULAR_DEVICES}.spectramax_384_plus_backend",
    "MolecularDevicesSpectraMaxGeminiEMBackend": f"{_MOLECULAR_DEVICES}.spectramax_gemini_em_backend",
    "MolecularDevicesSpectraMaxM5Backend": f"{_MOLECULAR_DEVICES}.spectramax_m5_backend",
    "ExperimentalTecanInfinite200ProBackend": "pylabrobot.plate_reading.tecan.infinite_backend",
    "ExperimentalSparkBackend": "pylabrobot.plate_reading.tecan.spark20m.spark_backend",
    "BioShake": "pylabrobot.heating_shaking.bioshake_backend",
    "OpentronsTemperatureModuleBackend": "pylabrobot.temperature_controlling.opentrons_backend",
    "OpentronsTemperatureModuleUSBBackend": "pylabrobot.temperature_controlling.opentrons_backend_usb",
    "ExperimentalODTCBackend": "pylabrobot.thermocycling.inheco.odtc_backend",
    "OpentronsThermocyclerBackend": "pylabrobot.thermocycling.opentrons_backend",
    "OpentronsThermocyclerUSBBackend": "pylabrobot.thermocycling.opentrons_backend_usb",
    "ATCBackend": "pylabrobot.thermocycling.thermo_fisher.atc",
    "ProflexBackend": "pylabrobot.thermocycling.thermo_fisher.proflex",
    "MicroSpinBackend": "pylabrobot.centrifuge.highres.microspin_backend",
    "VSpinBackend": "pylabrobot.centrifuge.vspin_backend",
    "Access2Backend": "pylabrobot.centrifuge.vspin_backend",
    "CytomatBackend": "pylabrobot.storage.cytomat.cytomat",
    "HeraeusCytomatBackend": "pylabrobot.storage.cytomat.heraeus_cytomat_backend",
    "ExperimentalLiconicBackend": "pylabrobot.storage.liconic.liconic_backend",
    "InhecoIncubatorShakerStackBackend": "pylabrobot.storage.inheco.incubator_shaker_backend",
    "MettlerToledoWXS205SDUBackend": "pylabrobot.scales.mettler_toledo_backend",
    "HamiltonTiltModuleBackend": "pylabrobot.tilting.hamilton_backend",
    "HamiltonHepaFanBackend": "pylabrobot.only_fans.hamilton_hepa_fan_backend",
    "A4SBackend": "pylabrobot.sealing.a4s_backend",
    "XPeelBackend": "pylabrobot.peeling.xpeel_backend",
    "KeyenceBarcodeScannerBackend": "pylabrobot.barcode_scanners.keyence.keyence_backend",
    "PreciseFlexBackend": "pylabrobot.arms.precise_flex.precise_flex_backend",
    "PreciseFlex400Backend": "pylabrobot.arms.precise_flex.pf_400",
    "PreciseFlex3400Backend": "pylabrobot.arms.precise_flex.pf_3400",
    "AgrowPumpArrayBackend": "pylabrobot.pumps.agrowpumps.agrowdosepump_backend",
    # PyLabRobot's own drops the reply of every command unread; ours is the same with the awaits.
    "MasterflexBackend": "praxis_bridge.drivers.pump",
}

_SHARED_CONNECTION = "it takes a connection that several machines share, which a spec can't describe yet"
_NO_FRONT_END = "PyLabRobot has no front end for it"
_OLD_NAME = "PyLabRobot keeps it as the old name of another backend"

LEFT_OUT_BACKENDS = {
    "HamiltonHeaterShakerBackend": _SHARED_CONNECTION,
    "InhecoThermoshakeBackend": _SHARED_CONNECTION,
    "InhecoCPACBackend": _SHARED_CONNECTION,
    "InhecoTemperatureControllerBackend": _SHARED_CONNECTION,
    "ExperimentalBioTekEL406Backend": _NO_FRONT_END,
    "SCILABackend": _NO_FRONT_END,
    "STAR": _OLD_NAME,
    "Vantage": _OLD_NAME,
    "EVO": _OLD_NAME,
    "Cytation5Backend": _OLD_NAME,
    "PumpChatterboxBackend": "its methods are no coroutines, so the boundary can't see them; use PumpSimulatorBackend",
    "OpentronsOT2Simulator": "its pipettes need racks whose definitions are downloaded",
    "OpentronsOT2ChatterboxBackend": "its pipettes need racks whose definitions are downloaded",
    "CytomatChatterbox": "it opens a serial port; use IncubatorSimulatorBackend",
    "HamiltonTiltModuleChatterboxBackend": "it opens a serial port; use TilterChatterboxBackend",
}
