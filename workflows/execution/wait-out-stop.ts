// A stop of everything reaches cleanups and cancelled runs too: their commands wait until a person has lifted it.

import { condition } from '@temporalio/workflow';
import type { Json } from '../../domain/json/json.js';
import type { Engine } from './engine.js';
import { Rearm } from '../replay/operation.js';

/** The worker tells the run of a stop and of its end; this is for a stop that was lifted before the run heard of it. */
const STOP_LOOK_INTERVAL_MS = 2_000;

/** Throws Rearm when the workflow continues as new meanwhile. */
export async function waitOutStop({ control, gate }: Engine, carried: Json): Promise<void> {
  const isStopped = (): boolean => control.state.pauseReasons.includes('stop-all');
  await condition(() => isStopped() || gate.isContinuing, STOP_LOOK_INTERVAL_MS);
  await condition(() => !isStopped() || gate.isContinuing);
  if (gate.isContinuing) throw new Rearm(carried);
}
