// Motions for a length of time, made of commands: started, waited for in the run and stopped. A pause stops the wait and
// not the motion; a failure or a cancel stops the motion.

import { give } from './give.js';
import type { Pump, PumpArray, Shaker } from './machines/front-end-handles.js';
import type { Duration, Run } from './run.js';

type ShakeOptions = Parameters<Shaker['shake']>[0] & { readonly duration: Duration };

/** Shakes for a time: two commands. Afterwards the shaker stands still, however this ends. */
export function shakeFor(run: Run, shaker: Shaker, options: ShakeOptions): Promise<void> {
  return give('shakeFor', () => shake(run, shaker, options));
}

async function shake(run: Run, shaker: Shaker, { duration, ...options }: ShakeOptions): Promise<void> {
  const shaking = run.onCleanup(`stop ${shaker.name}`, () => shaker.stopShaking());
  await shaker.shake(options);
  await run.delay(duration);
  await shaker.stopShaking();
  shaking.dispose();
}

type PumpOptions = Parameters<Pump['runContinuously']>[0] & { readonly duration: Duration };
type PumpArrayOptions = Parameters<PumpArray['runContinuously']>[0] & { readonly duration: Duration };

/** Runs a pump, or channels of an array, for a time: two commands. Afterwards it stands still, however this ends. */
export function pumpFor(run: Run, pump: Pump, options: PumpOptions): Promise<void>;
export function pumpFor(run: Run, pump: PumpArray, options: PumpArrayOptions): Promise<void>;
export function pumpFor(run: Run, pump: Pump | PumpArray, options: PumpOptions | PumpArrayOptions): Promise<void> {
  return give('pumpFor', () => runPump(run, pump, options));
}

async function runPump(run: Run, pump: Pump | PumpArray, { duration, ...options }: PumpOptions | PumpArrayOptions): Promise<void> {
  const pumping = run.onCleanup(`halt ${pump.name}`, () => pump.halt());
  // The overloads give an array its channels.
  await (pump as PumpArray).runContinuously(options as PumpArrayOptions);
  await run.delay(duration);
  await pump.halt();
  pumping.dispose();
}
