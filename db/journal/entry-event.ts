// The event that tells of a call-log entry. Large values stay out of history: readers find them in their rows.

import { isLargerThan } from '../../domain/values/byte-size.js';
import type { CallEntry } from '../../domain/runs/call.js';
import type { NewEvent } from '../../domain/history/event.js';
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
  const { ended, n, path: callPath, atMs } = entry;
  if (ended !== undefined) {
    const { result, error } = ended;
    const end = { startedAtMs: atMs, result: keepSmall(result, TOLD_VALUE_MAX_BYTES), error: error && { ...error } };
    const data = keepGiven({ workflowId, n: ended.n, ...tellCall(entry), ...end });
    return { type: `call.${ended.phase}`, atMs: ended.atMs, runId, callPath, data };
  }
  const [common, byCall] = [
    { atMs, runId, callPath },
    { workflowId, n },
  ];
  switch (entry.phase) {
    case 'state':
      return undefined;
    case 'data': {
      const { name = '', commandId, value } = entry.data ?? {};
      return { type: 'run.data', ...common, data: keepGiven({ ...byCall, name, commandId, value: keepSmall(value, TOLD_DATA_MAX_BYTES) }) };
    }
    case 'note': {
      const { title = '', text = '' } = entry.note ?? {};
      return { type: 'run.notified', ...common, data: { ...byCall, title, text } };
    }
    case 'window': {
      const { name: window = '', text = '', deadlineMs, isBroken } = entry.window ?? {};
      const type = isBroken === true ? 'run.window-broken' : 'run.window-warned';
      return { type, ...common, data: keepGiven({ ...byCall, window, text, deadlineMs }) };
    }
    case 'started':
      return { type: 'call.started', ...common, data: keepGiven({ ...byCall, ...tellCall(entry) }) };
    case 'completed':
    case 'failed':
    case 'cancelled': {
      const { phase, result, error } = entry;
      const end = { result: keepSmall(result, TOLD_VALUE_MAX_BYTES), error: error && { ...error } };
      return { type: `call.${phase}`, ...common, data: keepGiven({ ...byCall, ...tellCall(entry), ...end }) };
    }
  }
}

function tellCall({ name, version, kind, arguments: given, childWorkflowId }: CallEntry) {
  return { name, version, kind, arguments: keepSmall(given, TOLD_VALUE_MAX_BYTES), childWorkflowId };
}

/** What is undefined is left out. */
type Given<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};
function keepGiven<T extends object>(fields: T): Given<T> {
  const kept: Partial<T> = {};
  for (const name in fields) if (fields[name] !== undefined) kept[name] = fields[name];
  return kept as unknown as Given<T>;
}

function keepSmall<T extends Json>(value: T | undefined, limitBytes: number): T | undefined {
  return value === undefined || isLargerThan(value, limitBytes) ? undefined : value;
}
