// The PlateReader as a protocol drives it: PyLabRobot's methods as commands. Generated from the catalogue by
// tools/generate-machines.ts; do not edit.

import type { Json } from '../../../domain/json/json.js';
import type { ContainerRef } from '../labware.js';
import type { AnyMachine, MethodPlans } from '../machine-handle.js';
import type { PlateReading } from '../values.js';

/** `close`. */
export interface PlateReaderCloseBackend {
  readonly slow?: boolean;
}

/** `open`. */
export interface PlateReaderOpenBackend {
  readonly slow?: boolean;
}

/** `read_absorbance`. */
export interface PlateReaderReadAbsorbanceBackend {
  readonly report?: 'OD' | 'transmittance';
  readonly bandwidth?: number;
  readonly num_reads?: number;
  readonly flashes?: number;
  /** Needed by MolecularDevicesBackend, MolecularDevicesSpectraMax384PlusBackend, MolecularDevicesSpectraMaxM5Backend. */
  readonly wavelengths?: readonly (number | readonly [number, boolean])[];
  readonly read_type?: 'ENDPOINT' | 'KINETIC' | 'SPECTRUM' | 'WELL_SCAN';
  readonly read_order?: 'COLUMN' | 'WAVELENGTH';
  readonly calibrate?: 'ON' | 'ONCE' | 'OFF';
  readonly shake_settings?: Json;
  readonly carriage_speed?: 'NORMAL' | 'SLOW';
  readonly speed_read?: boolean;
  readonly path_check?: boolean;
  readonly kinetic_settings?: Json;
  readonly spectrum_settings?: Json;
  readonly cuvette?: boolean;
  readonly settling_time?: number;
  readonly timeout?: number;
}

/** `read_fluorescence`. */
export interface PlateReaderReadFluorescenceBackend {
  readonly bandwidth?: number;
  readonly num_reads?: number;
  readonly gain?: number;
  readonly flashes?: number;
  readonly integration_us?: number;
  readonly excitation_bandwidth?: number;
  readonly emission_bandwidth?: number;
  readonly lag_us?: number;
  /** Needed by MolecularDevicesBackend, MolecularDevicesSpectraMax384PlusBackend, MolecularDevicesSpectraMaxM5Backend. */
  readonly excitation_wavelengths?: readonly number[];
  /** Needed by MolecularDevicesBackend, MolecularDevicesSpectraMax384PlusBackend, MolecularDevicesSpectraMaxM5Backend. */
  readonly emission_wavelengths?: readonly number[];
  /** Needed by MolecularDevicesBackend, MolecularDevicesSpectraMax384PlusBackend, MolecularDevicesSpectraMaxM5Backend. */
  readonly cutoff_filters?: readonly number[];
  readonly read_type?: 'ENDPOINT' | 'KINETIC' | 'SPECTRUM' | 'WELL_SCAN';
  readonly read_order?: 'COLUMN' | 'WAVELENGTH';
  readonly calibrate?: 'ON' | 'ONCE' | 'OFF';
  readonly shake_settings?: Json;
  readonly carriage_speed?: 'NORMAL' | 'SLOW';
  readonly read_from_bottom?: boolean;
  readonly pmt_gain?: 'AUTO' | 'HIGH' | 'MEDIUM' | 'LOW' | number;
  readonly flashes_per_well?: number;
  readonly kinetic_settings?: Json;
  readonly spectrum_settings?: Json;
  readonly cuvette?: boolean;
  readonly settling_time?: number;
  readonly timeout?: number;
}

/** `read_luminescence`. */
export interface PlateReaderReadLuminescenceBackend {
  readonly integration_time?: number;
  readonly flashes?: number;
  readonly dark_integration_us?: number;
  readonly meas_integration_us?: number;
  /** Needed by MolecularDevicesBackend, MolecularDevicesSpectraMax384PlusBackend, MolecularDevicesSpectraMaxM5Backend. */
  readonly emission_wavelengths?: readonly number[];
  readonly read_type?: 'ENDPOINT' | 'KINETIC' | 'SPECTRUM' | 'WELL_SCAN';
  readonly read_order?: 'COLUMN' | 'WAVELENGTH';
  readonly calibrate?: 'ON' | 'ONCE' | 'OFF';
  readonly shake_settings?: Json;
  readonly carriage_speed?: 'NORMAL' | 'SLOW';
  readonly read_from_bottom?: boolean;
  readonly pmt_gain?: 'AUTO' | 'HIGH' | 'MEDIUM' | 'LOW' | number;
  readonly flashes_per_well?: number;
  readonly kinetic_settings?: Json;
  readonly spectrum_settings?: Json;
  readonly cuvette?: boolean;
  readonly settling_time?: number;
  readonly timeout?: number;
  readonly emission_wavelength?: number;
}

export interface PlateReader extends AnyMachine {
  /** Close. */
  close(options?: { readonly backend?: PlateReaderCloseBackend }): Promise<void>;
  /** Open. */
  open(options?: { readonly backend?: PlateReaderOpenBackend }): Promise<void>;
  /** Read the absorbance from the plate reader. */
  readAbsorbance(options: {
    readonly wavelengthNm: number;
    readonly wells?: readonly ContainerRef[];
    readonly backend?: PlateReaderReadAbsorbanceBackend;
  }): Promise<readonly PlateReading[]>;
  /** Read the fluorescence from the plate reader. */
  readFluorescence(options: {
    readonly excitationNm: number;
    readonly emissionNm: number;
    readonly focalHeightMm: number;
    readonly wells?: readonly ContainerRef[];
    readonly backend?: PlateReaderReadFluorescenceBackend;
  }): Promise<readonly PlateReading[]>;
  /** Read the luminescence from the plate reader. */
  readLuminescence(options: {
    readonly focalHeightMm: number;
    readonly wells?: readonly ContainerRef[];
    readonly backend?: PlateReaderReadLuminescenceBackend;
  }): Promise<readonly PlateReading[]>;
}

export const PLATE_READER: MethodPlans<PlateReader> = {
  close: { command: 'close', takesBackend: true },
  open: { command: 'open', takesBackend: true },
  readAbsorbance: {
    command: 'read_absorbance',
    arguments: { wavelengthNm: 'wavelength', wells: 'wells' },
    takesBackend: true,
    result: 'readings',
  },
  readFluorescence: {
    command: 'read_fluorescence',
    arguments: { excitationNm: 'excitation_wavelength', emissionNm: 'emission_wavelength', focalHeightMm: 'focal_height', wells: 'wells' },
    takesBackend: true,
    result: 'readings',
  },
  readLuminescence: {
    command: 'read_luminescence',
    arguments: { focalHeightMm: 'focal_height', wells: 'wells' },
    takesBackend: true,
    result: 'readings',
  },
};
