// A rehearsal from request to report: checked as a start is, on the items that a run would get now, without a row of its own.

import type { RehearsalRequestBody } from '../../contract/http/rehearsal/rehearsal-request.js';
import { requireStartable } from '../runs/start-request.js';
import type { Database } from '../../db/connection/connect-database.js';
import type { Choice } from '../../db/assets/choose-assets.js';
import { previewAssets } from '../../db/assets/preview-assets.js';
import { getWorkcellSpec } from '../../db/workcells/workcell.queries.js';
import type { WorkcellSpec } from '../../domain/workcells/workcell-spec.js';
import type { RehearsalReport, RehearsalRequest } from '../../domain/rehearsal/rehearsal.js';
import type { RunEnvelope } from '../../domain/runs/run.js';

export interface RehearsalWorld {
  readonly db: Database;
  readonly newRunId: () => string;
  /** Executes it outside of this process. Throws TOO_MANY_REHEARSALS, REHEARSAL_TOO_LONG, REHEARSAL_FAILED. */
  readonly rehearse: (request: RehearsalRequest, signal: AbortSignal) => Promise<RehearsalReport>;
}

/** Of protocols that need nothing. */
const EMPTY_WORKCELL: WorkcellSpec = { name: 'empty', machines: [], deck: null, labware: [] };

/** Throws what refuses a start; what happens in the protocol itself is in the report. */
export async function rehearseProtocol(
  { db, newRunId, rehearse }: RehearsalWorld,
  wish: RehearsalRequestBody & { protocol: string; user: string },
  signal: AbortSignal,
): Promise<RehearsalReport> {
  const { definition, parameters } = await requireStartable(db, wish);
  const choice = await previewAssets(db, definition, wish.assets);
  const spec = choice.workcell === '' ? EMPTY_WORKCELL : await getWorkcellSpec(db, choice.workcell);
  const envelope: RunEnvelope = {
    v: 2,
    runId: newRunId(),
    protocol: definition.name,
    version: definition.version,
    mode: choice.mode,
    user: wish.user,
    workcell: choice.workcell,
    parameters,
    assets: toBoundAssets(choice),
    fence: null,
  };
  const report = await rehearse({ bundle: definition.bundle, envelope, spec, answers: wish.answers }, signal);
  return wish.isFull ? report : { ...report, commands: report.commands.map(({ delta: _delta, ...command }) => command) };
}

function toBoundAssets({ bound }: Choice): RunEnvelope['assets'] {
  return Object.fromEntries(bound.map(({ parameter, asset: { id, name, kind, type } }) => [parameter, { id, name, kind, type }]));
}
