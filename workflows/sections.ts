// Sections of a run that hold machines shared with other runs: all that is needed at once, or none. Sections do not nest,
// so runs can never wait for each other in a circle.

import { condition } from '@temporalio/workflow';
import type { UseClaim } from '../activities/activity-types.js';
import { LabError } from '../domain/error.js';
import type { Json } from '../domain/json.js';
import type { AnyMachine } from '../protocols/sdk/machines.js';
import type { Engine } from './engine.js';
import { Rearm } from './gate.js';
import { findScope, isLeftOver, isShielded, markOperated, nextOperation, waitForEver, type Cleanup, type Scope } from './scope.js';

/** How long a section sleeps between claims when no hint reaches it. */
const CLAIM_INTERVAL_MS = 30_000;

export interface Sections {
  /** Whether the asset may only be used inside a section. */
  isShared(assetId: string): boolean;
  /** Fence of the section that holds the asset now. */
  fenceOf(assetId: string): number | undefined;
  readonly shared: readonly string[];
  readonly fences: Readonly<Record<string, number>>;
  hold(assetIds: readonly string[], fence: number): void;
  letGo(assetIds: readonly string[]): void;
}

export function createSections(shared: readonly string[], fences: Readonly<Record<string, number>>): Sections {
  const held = new Map(Object.entries(fences));
  return {
    isShared: (assetId) => shared.includes(assetId),
    fenceOf: (assetId) => held.get(assetId),
    shared,
    get fences() {
      return Object.fromEntries(held);
    },
    hold: (assetIds, fence) => { for (const id of assetIds) held.set(id, fence); },
    letGo: (assetIds) => { for (const id of assetIds) held.delete(id); },
  };
}

export async function useMachines<T>(engine: Engine, call: Scope, options: { machines: readonly AnyMachine[]; section: () => Promise<T> }): Promise<T> {
  const scope = findScope(call);
  if (isLeftOver(scope)) return waitForEver();
  const { sections, gate, input } = engine;
  const assets = options.machines.map(({ asset }) => asset.id).filter((id) => sections.isShared(id));
  // Machines that the run holds anyway need no claim.
  if (assets.length === 0) return options.section();
  if (Object.keys(sections.fences).length > 0) {
    throw new LabError('PROTOCOL_ERROR', { message: 'run.use inside run.use: name all machines of the section in the outer one.' });
  }
  markOperated(scope);
  const { id, n } = nextOperation(scope, 'u');
  const claim = { runId: input.runId, useId: `${scope.path}/u${n}`, assets };
  const fence = await gate.step<number>({ id, isShielded: isShielded(), run: () => waitForClaim(engine, claim) });
  sections.hold(assets, fence);
  const release = async (): Promise<void> => {
    if (!scope.cleanups.includes(ending)) return;
    scope.cleanups = scope.cleanups.filter((each) => each !== ending);
    await endSection(engine, scope, claim);
  };
  // A section whose code is left over when its call fails ends with the call.
  const ending: Cleanup = { name: `end the section ${claim.useId}`, when: 'always', run: () => endSection(engine, scope, claim) };
  scope.cleanups.push(ending);
  try {
    return await options.section();
  } finally {
    await release();
  }
}

async function endSection({ gate, sections, activities }: Engine, scope: Scope, claim: UseClaim): Promise<void> {
  sections.letGo(claim.assets);
  const { id } = nextOperation(scope, 'u');
  await gate.step<Json>({
    id,
    isShielded: true,
    run: async () => {
      await activities.releaseUse(claim);
      return null;
    },
  });
}

async function waitForClaim({ activities, control, gate }: Engine, claim: UseClaim): Promise<number> {
  for (;;) {
    const seen = control.freed;
    const fence = await activities.claimUse(claim);
    if (fence !== null) return fence;
    await condition(() => control.freed !== seen || gate.isContinuing, CLAIM_INTERVAL_MS);
    if (gate.isContinuing) throw new Rearm({});
  }
}

