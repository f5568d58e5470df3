// A workcell of simulators whose motions take time, as those of real machines do: a newcomer can pause a run, cancel it, look at it while it moves.

import { findPolicy, getMethodPolicy } from '../catalogue/method-policy.js';
import type { MachineSpec, WorkcellSpec } from './workcell-spec.js';

/** Simulators of the demonstration that can take their time. PyLabRobot's own of a STAR knows no setting for it, so another takes its place. */
const TIMED_BACKENDS: Readonly<Record<string, string>> = {
  STARChatterboxBackend: 'CountingSTARChatterboxBackend',
  CountingSTARChatterboxBackend: 'CountingSTARChatterboxBackend',
  PlateReaderSimulatorBackend: 'PlateReaderSimulatorBackend',
  HeaterShakerSimulatorBackend: 'HeaterShakerSimulatorBackend',
  SealerSimulatorBackend: 'SealerSimulatorBackend',
  PeelerSimulatorBackend: 'PeelerSimulatorBackend',
};
/** What simulators call their motions; most are named as the command. */
const MOTIONS = [
  ...['pick_up_tips', 'drop_tips', 'aspirate', 'dispense', 'pick_up_tips96', 'drop_tips96', 'aspirate96', 'dispense96'],
  ...['pick_up_resource', 'move_picked_up_resource', 'drop_resource', 'open', 'close', 'seal', 'peel', 'restart', 'set_temperature'],
  ...['read_absorbance', 'read_fluorescence', 'read_luminescence', 'lock_plate', 'unlock_plate'],
];
/** Of a motion that no table knows, for example the first turn of a shaker. */
const OTHER_MOTION_S = 1;

/** `pace` 1 takes the time that the machines are expected to take, 0.1 a tenth of it. Real machines stay as they are. */
export function paceWorkcell(spec: WorkcellSpec, pace: number): WorkcellSpec {
  return { ...spec, machines: spec.machines.map((machine) => (machine.mode === 'simulation' ? paceMachine(machine, pace) : machine)) };
}

function paceMachine(machine: MachineSpec, pace: number): MachineSpec {
  const backend = TIMED_BACKENDS[machine.backend];
  if (backend === undefined) return machine;
  const known = MOTIONS.filter((motion) => findPolicy(machine.frontend, motion) !== undefined);
  const seconds = known.map((motion) => [motion, (getMethodPolicy(machine.frontend, motion).expectedMs / 1000) * pace] as const);
  return {
    ...machine,
    backend,
    backendArguments: { ...machine.backendArguments, motion_s: { ...Object.fromEntries(seconds), '*': OTHER_MOTION_S * pace } },
  };
}
