// The workcell of a campaign: the demonstration's deck, its machines in the device simulator, and a second liquid handler on
// the same deck, which no tape records: what it fails at must harm nobody.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { WorkcellSpec } from '../../domain/workcells/workcell-spec.js';

/** A device that is silent for this long leaves its command in doubt; far above any motion of a campaign. */
const REPLY_TIMEOUT_S = 3;

const DEVICES: Readonly<Record<string, string>> = {
  star: 'DeviceLiquidHandlerBackend',
  reader: 'DevicePlateReaderBackend',
  heater_shaker: 'DeviceHeaterShakerBackend',
  sealer: 'DeviceSealerBackend',
  peeler: 'DevicePeelerBackend',
  scanner: 'DeviceBarcodeScannerBackend',
};

/** The liquid handler on the tape, and the one beside it. */
export const HANDLER = 'star';
export const SECOND_HANDLER = 'star_2';
/** Longer than the motions of the first, so that one fails in the middle of the other's. */
const SECOND_MOTION_S = 0.05;

export function makeWorkcell(root: string, socket: string): WorkcellSpec {
  const demo = JSON.parse(readFileSync(path.join(root, 'deploy', 'demo-workcell.json'), 'utf8')) as WorkcellSpec;
  const machines = demo.machines.map((machine) => {
    const backend = DEVICES[machine.name];
    return backend === undefined
      ? machine
      : { ...machine, backend, backendArguments: { socket, device: machine.name, reply_timeout_s: REPLY_TIMEOUT_S } };
  });
  const second = {
    name: SECOND_HANDLER,
    frontend: 'LiquidHandler',
    backend: 'CountingSTARChatterboxBackend',
    backendArguments: { motion_s: SECOND_MOTION_S },
    mode: 'simulation' as const,
  };
  return { ...demo, machines: [...machines, second] };
}
