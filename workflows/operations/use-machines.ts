// Sections of a run that hold machines shared with other runs: all that is needed at once, or none. Sections do not nest,
// so runs can never wait for each other in a circle.

import { CancellationScope, condition } from '@temporalio/workflow';
import type { UseClaim } from '../../activities/activity-types.js';
import { LabError } from '../../domain/errors/error.js';
import type { Json } from '../../domain/json/json.js';
import type { AnyMachine } from '../../protocols/sdk/machines.js';
import type { Engine } from '../execution/engine.js';
import { Rearm, type UnderWay } from '../replay/operation.js';
import { isAbandonment, openPart } from '../calls/run-scope.js';
import {
  createScope,
  findScope,
  isInSection,
  isLeftOver,
  keepUntilSettled,
  nextOperation,
  waitForEver,
  type Scope,
} from '../replay/scope.js';
import { waitAbandonably } from './delay.js';

/** How long a section sleeps between claims when no hint reaches it. */
const CLAIM_INTERVAL_MS = 30_000;

export async function useMachines<T>(
  engine: Engine,
  call: Scope,
  options: { machines: readonly AnyMachine[]; section: () => Promise<T> },
): Promise<T> {
  const scope = findScope(call);
  if (isLeftOver(scope)) return waitForEver();
  const { sections, gate, input } = engine;
  const assets = options.machines.map(({ asset }) => asset.id).filter((id) => sections.isShared(id));
  // Machines that the run holds anyway need no claim.
  if (assets.length === 0) return options.section();
  if (isInSection(scope)) {
    throw new LabError('PROTOCOL_ERROR', { message: 'run.use inside run.use: name all machines of the section in the outer one.' });
  }
  const operation = nextOperation(scope, 'u');
  const path = `${scope.path}{${operation.n}}`;
  const claim = { runId: input.runId, useId: path, assets };
  const claiming = claimSection(engine, scope, { ...operation, claim });
  // Whoever ends the scope waits until the claim is given up, or given back.
  keepUntilSettled(scope.runningCommands, claiming, claiming);
  const fence = await claiming;
  if (fence === undefined) return waitForEver();
  sections.hold(claim, fence);
  const section = createScope({ path, caller: scope, isPart: true, isSection: true, state: scope.state, sinceSeq: gate.seq });
  // The first to be registered is the last to run: what the section's own cleanups command is still held.
  section.cleanups.push({ name: `end the section ${path}`, when: 'always', run: () => endSection(engine, section, claim) });
  return openPart(engine, section, options.section).ended.catch((error: unknown) => {
    // The call has ended without the section, whose code hears nothing more.
    if (isAbandonment(error)) return waitForEver<T>();
    throw error;
  });
}

/** The fence; undefined where the call has ended meanwhile: then nothing is held. */
async function claimSection(engine: Engine, scope: Scope, { id, claim }: { id: string; claim: UseClaim }): Promise<number | undefined> {
  try {
    const fence = await waitAbandonably(engine, scope, {
      id,
      what: ['use', claim.assets],
      wait: (_carried, underWay) => waitForClaim(engine, claim, underWay),
    });
    if (!isLeftOver(scope)) return fence as number;
    await endSection(engine, scope, claim);
    return undefined;
  } catch (error) {
    if (isLeftOver(scope)) return undefined;
    throw error;
  }
}

async function waitForClaim({ activities, control, gate }: Engine, claim: UseClaim, underWay: UnderWay): Promise<number> {
  for (;;) {
    const seen = control.freed;
    // Heard to its end also where nobody waits any more: what was granted must be given back.
    const fence = await CancellationScope.nonCancellable(() => activities.claimUse(claim));
    if (fence !== null) return fence;
    try {
      await underWay.mayBeLeft({ isFree: true, carry: () => null }, () => condition(() => control.freed !== seen, CLAIM_INTERVAL_MS));
    } catch (error) {
      // Its place in the queue would keep the machine from everybody behind it.
      await CancellationScope.nonCancellable(() => activities.releaseUse(claim));
      throw error;
    }
    // Hints may come faster than claims are answered, and a claim on its way can't be left.
    if (gate.isContinuing) throw new Rearm(null);
  }
}

async function endSection({ gate, sections, activities }: Engine, section: Scope, claim: UseClaim): Promise<void> {
  sections.letGo(claim);
  const doubt = sections.findDoubt(claim.useId);
  const { id } = nextOperation(section, 'u');
  await gate.step<Json>({
    id,
    what: ['end', claim.assets],
    isShielded: true,
    run: async () => {
      await activities.releaseUse({ ...claim, ...(doubt !== undefined && { doubt }) });
      return null;
    },
  });
}
