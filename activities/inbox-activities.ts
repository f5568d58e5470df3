// The activities of the inbox: open an item, close it, and make true what a person said of an uncertain command, of
// the deck after a machine error, or of a machine that they looked at.

import { closeItem as closeRow, openItem as openRow } from '../db/inbox/inbox.queries.js';
import { recordCalls } from '../db/runs/call.queries.js';
import { releaseResolvedMachine } from '../db/assets/asset.queries.js';
import { LabError } from '../domain/errors/error.js';
import { isAboutMachine } from '../domain/inbox/inbox.js';
import type { CloseItemRequest, LookRequest, OpenItemRequest, RecoverRequest, ResolveRequest } from './activity-types.js';
import type { ControlWorld } from './control-world.js';

export async function openItem(world: ControlWorld, { calls, ...item }: OpenItemRequest): Promise<void> {
  // Whoever is called to look finds in the record what has happened before.
  await catchUpFor(world, isAboutMachine(item.subject) || item.subject.kind === 'machine-error');
  if (calls !== null) await recordCalls(world.db, item.runId, calls);
  await openRow(world.db, { ...item, atMs: Date.now() });
}

/** A question does not wait for a bridge that is away; the doubt about a command or machine is nothing without its record. */
async function catchUpFor({ shipper, logger }: ControlWorld, isNeeded: boolean): Promise<void> {
  try {
    await shipper.catchUp();
  } catch (error) {
    if (isNeeded || !(error instanceof LabError) || error.category !== 'infra') throw error;
    logger.warn({ err: error }, 'a question is asked before the journal has arrived');
  }
}

export async function closeItem({ db }: ControlWorld, request: CloseItemRequest): Promise<void> {
  await closeRow(db, { ...request, atMs: Date.now() });
}

/** BAD_STATEMENT and NOT_UNCERTAIN leave everything as it was: the item stays open and the machine quarantined. */
export async function resolveCommand(world: ControlWorld, { runId, commandId, machine, resolution, given }: ResolveRequest): Promise<void> {
  const { db, bridge, shipper } = world;
  const { happened, corrections = [], channels } = resolution;
  const { itemId, by, note } = given;
  // The id of the item makes a repeated request the same one.
  await bridge.request('command.resolve', {
    requestId: itemId,
    id: commandId,
    happened,
    corrections,
    ...(channels && { channels }),
    by,
    note,
  });
  await shipper.catchUp();
  await releaseResolvedMachine(db, { machine, commandId, resolvedBy: by, note, atMs: given.atMs });
  await closeRow(db, { itemId, runId, status: 'answered', given, atMs: given.atMs });
}

/** BAD_STATEMENT and MACHINE_BUSY leave everything as it was: the item stays open. */
export async function recoverCommand({ db, bridge, shipper }: ControlWorld, { runId, recovery, given }: RecoverRequest): Promise<void> {
  const { itemId, by, note, atMs } = given;
  const { corrections = [] } = recovery;
  if (corrections.length > 0) {
    await bridge.request('state.correct', { requestId: itemId, corrections, by, note });
    await shipper.catchUp();
  }
  await closeRow(db, { itemId, runId, status: 'answered', given, atMs });
}

/** The bridge may have been told of the release already: whoever looked may have given the machine free by itself. */
export async function endLook({ db, bridge }: ControlWorld, { runId, machine, given }: LookRequest): Promise<void> {
  const { itemId, by, note, atMs } = given;
  if (given.answer === true) {
    await bridge.request('machine.release', { machine, note: note === '' ? `${by} answered ${itemId} with yes` : note });
    await releaseResolvedMachine(db, { machine, commandId: itemId, runId, resolvedBy: by, note, atMs });
  }
  await closeRow(db, { itemId, runId, status: 'answered', given, atMs });
}
