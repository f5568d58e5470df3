// Puts the report of a rehearsal together: what author code did, what that changed on the deck, and where it failed.

import { measureLabwareUse } from '../domain/rehearsal/labware-use.js';
import type { JsonObject } from '../domain/json/json.js';
import type { RehearsalFailure, RehearsalReport, RehearsalRequest, RehearsedRun, SourcePlace } from '../domain/rehearsal/rehearsal.js';
import { LEDGER_LIMIT_BYTES, LEDGER_LIMIT_ENTRIES } from '../workflows/replay/ledger.js';

/** More are counted and not listed. */
export const LISTED_COMMANDS_MAX = 10_000;

export interface ReportParts {
  readonly request: RehearsalRequest;
  readonly run: RehearsedRun;
  /** State of all resources at the start. */
  readonly before: JsonObject;
  /** What each command changed, by its id, in order. */
  readonly deltas: ReadonlyMap<string, JsonObject>;
  readonly warnings: readonly string[];
  readonly findPlace: (stack: string) => SourcePlace | undefined;
}

export function createReport({ request, run, before, deltas, warnings, findPlace }: ReportParts): RehearsalReport {
  const { envelope } = request;
  const failure = toFailure(run, findPlace);
  const isCut = run.commands.length > LISTED_COMMANDS_MAX;
  return {
    protocol: envelope.protocol,
    version: envelope.version,
    workcell: envelope.workcell,
    isOk: failure === undefined,
    ...(failure && { failure }),
    result: run.result,
    assets: Object.fromEntries(Object.entries(envelope.assets).map(([name, { name: item }]) => [name, item])),
    counts: {
      commands: run.commands.length,
      failed: run.commands.filter(({ status }) => status === 'failed').length,
      calls: run.calls.length,
      questions: run.questions.length,
    },
    expectedMs: run.durationMs,
    commands: run.commands.slice(0, LISTED_COMMANDS_MAX).map((command) => {
      const delta = deltas.get(command.id);
      return delta && Object.keys(delta).length > 0 ? { ...command, delta } : command;
    }),
    calls: run.calls,
    questions: run.questions,
    notes: run.notes,
    data: run.data,
    ...measureLabwareUse(before, [...deltas.values()]),
    ledger: { entries: run.ledger.entries, entriesMax: LEDGER_LIMIT_ENTRIES, bytes: run.ledger.bytes, bytesMax: LEDGER_LIMIT_BYTES },
    warnings: [...warnings, ...run.warnings, ...(isCut ? [`Only the first ${LISTED_COMMANDS_MAX} commands are listed.`] : [])],
  };
}

function toFailure({ failure, commands }: RehearsedRun, findPlace: ReportParts['findPlace']): RehearsalFailure | undefined {
  if (failure === null) return undefined;
  const { commandId, stack, ...record } = failure;
  const command = commandId === undefined ? undefined : commands.find(({ id }) => id === commandId);
  const place = stack === undefined ? undefined : findPlace(stack);
  return { ...record, ...(command && { command }), ...(place && { place }) };
}
