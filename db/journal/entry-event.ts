// The event that tells of a call-log entry. Large values stay out of history: readers find them in their rows.

import { isLargerThan } from '../../domain/values/byte-size.js';
import type { CallEntry } from '../../domain/runs/call.js';
import type { EventType, NewEvent } from '../../domain/history/event.js';
import type { Json } from '../../domain/json/json.js';
import type { FlatEntry } from './flat-entry.js';

/** A measurement up to this size is told with its event. */
const TOLD_DATA_MAX_BYTES = 1_000;
/** The same for arguments and results of calls: the feed sends every event to everybody who follows. */
const TOLD_VALUE_MAX_BYTES = 64 * 1024;

/**
 * One for a call that ended before anybody was told that it started: that of its end, with when it started.
 * None for a change of the run state: it may change often, and only its newest value is asked for.
 */
export function toEntryEvent({ runId, workflowId, entry }: FlatEntry): NewEvent | undefined {
  if (entry.phase === 'state') return undefined;
  const { ended } = entry;
  const data: Record<string, Json> = { workflowId, n: ended?.n ?? entry.n };
  const told: Record<string, Json | undefined> =
    ended === undefined
      ? tell(entry)
      : {
          ...tell(entry),
          startedAtMs: entry.atMs,
          result: keepSmall(ended.result, TOLD_VALUE_MAX_BYTES),
          error: ended.error && { ...ended.error },
        };
  for (const name in told) {
    const value = told[name];
    if (value !== undefined) data[name] = value;
  }
  return {
    type: ended === undefined ? toType(entry) : `call.${ended.phase}`,
    atMs: ended?.atMs ?? entry.atMs,
    runId,
    callPath: entry.path,
    data,
  };
}

function toType({ phase, window }: CallEntry): EventType {
  if (phase === 'data' || phase === 'state') return 'run.data';
  if (phase === 'window') return window?.isBroken === true ? 'run.window-broken' : 'run.window-warned';
  return phase === 'note' ? 'run.notified' : `call.${phase}`;
}

function tell(entry: CallEntry): Record<string, Json | undefined> {
  const { phase, data, note, window, error } = entry;
  if (phase === 'window') return { window: window?.name ?? '', text: window?.text ?? '', deadlineMs: window?.deadlineMs };
  if (phase === 'note') return { title: note?.title ?? '', text: note?.text ?? '' };
  if (phase === 'data') return { name: data?.name ?? '', commandId: data?.commandId, value: keepSmall(data?.value, TOLD_DATA_MAX_BYTES) };
  const { name, version, kind, arguments: given, childWorkflowId, result } = entry;
  return {
    name,
    version,
    kind,
    arguments: keepSmall(given, TOLD_VALUE_MAX_BYTES),
    childWorkflowId,
    result: keepSmall(result, TOLD_VALUE_MAX_BYTES),
    error: error && { ...error },
  };
}

function keepSmall(value: Json | undefined, limitBytes: number): Json | undefined {
  return value === undefined || isLargerThan(value, limitBytes) ? undefined : value;
}
