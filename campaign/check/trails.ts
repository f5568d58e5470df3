// The trail of each command through all records: what was scheduled, what was sent, what moved, what people see.

import type { Activity, CommandRow, Evidence, Fields, JournalRow, TapeLine, Value } from './evidence.js';

export interface Trail {
  readonly id: string;
  readonly runId: string;
  readonly machine: string;
  readonly method: string;
  readonly arguments: Fields;
  readonly retry: number;
  /** Of a cleanup; as the history says it. */
  readonly isShielded: boolean;
  /** In the order of the tape. */
  readonly acts: readonly TapeLine[];
  readonly sent: readonly JournalRow[];
  readonly end: JournalRow | undefined;
  readonly row: CommandRow | undefined;
}

/** A command as a history asked for it, with how its activity ended for it alone. */
export interface Scheduled {
  readonly request: Fields;
  readonly workflowId: string;
  readonly activity: Activity;
  /** Its outcome in the result of a block; undefined for a command of its own or where the block did not come to it. */
  readonly inBlock: Fields | undefined;
}

const NOT_ACTS = ['stop', 'halt', 'setup', 'connect'];

/** Something that a machine did; neither a look, nor a stop, nor what hands did to the matter. */
export function isAct(line: TapeLine): line is TapeLine & { device: string } {
  return line.kind !== 'control' && line.isRead !== true && !NOT_ACTS.includes(line.op);
}

export function listTrails(evidence: Evidence): readonly Trail[] {
  const acts = groupBy(evidence.tape.filter(isAct), (line) => line.commandId ?? '');
  const rows = new Map(evidence.database.commands.map((row) => [row.id, row]));
  const journal = groupBy(
    evidence.journals.flatMap((each) => each.rows),
    (row) => row.key ?? '',
  );
  const scheduled = groupBy(listScheduled(evidence), ({ request }) => textOf(request['id']));
  const ids = new Set([
    ...acts.keys(),
    ...rows.keys(),
    ...scheduled.keys(),
    ...[...journal].filter(([, all]) => all.some(({ kind }) => kind === 'SENT' || kind === 'END')).map(([id]) => id),
  ]);
  ids.delete('');
  return [...ids].map((id) => {
    const found = journal.get(id) ?? [];
    const sent = found.filter(({ kind }) => kind === 'SENT');
    const end = found.find(({ kind }) => kind === 'END');
    const first = scheduled.get(id)?.[0]?.request;
    const identity = fieldsOf(sent[0]?.body['command'] ?? end?.body['command'] ?? first ?? {});
    return {
      id,
      runId: id.split('/')[0] ?? '',
      machine: textOf(identity['machine']),
      method: textOf(identity['method']),
      arguments: fieldsOf(identity['arguments'] ?? {}),
      retry: Number(id.split('/').at(-1)),
      isShielded: scheduled.get(id)?.some(({ request }) => request['isShielded'] === true) ?? false,
      acts: acts.get(id) ?? [],
      sent,
      end,
      row: rows.get(id),
    };
  });
}

/** Every command that a history asked for, those in blocks too. */
export function listScheduled({ executions }: Evidence): readonly Scheduled[] {
  return executions.flatMap(({ workflowId, activities }) =>
    activities.flatMap((activity): Scheduled[] => {
      const [input] = activity.input;
      if (activity.type === 'executeCommand') return [{ request: fieldsOf(input), workflowId, activity, inBlock: undefined }];
      if (activity.type !== 'executeBlock') return [];
      const outcomes = listOf(fieldsOf(activity.result)['outcomes']);
      return listOf(fieldsOf(input)['commands']).map((request, k) => ({
        request: fieldsOf(request),
        workflowId,
        activity,
        inBlock: outcomes[k] === undefined ? undefined : fieldsOf(outcomes[k]),
      }));
    }),
  );
}

/** How the bridge said that the command ended; undefined while it runs or where it never began. */
export function outcomeOf(trail: Trail): Fields | undefined {
  return trail.end === undefined ? undefined : fieldsOf(trail.end.body['outcome']);
}

/** The device behind each machine, as the newest description of the workcell says; machines without one leave no tape. */
export function listDevices({ journals }: Evidence): ReadonlyMap<string, string> {
  const devices = new Map<string, string>();
  for (const { body } of journals.flatMap(({ rows }) => rows).filter(({ kind }) => kind === 'CONFIG')) {
    for (const machine of listOf(fieldsOf(body['spec'])['machines']).map(fieldsOf)) {
      const device = fieldsOf(machine['backendArguments'])['device'];
      if (typeof device === 'string') devices.set(textOf(machine['name']), device);
    }
  }
  return devices;
}

/** The same command, tried before by decision of a person or of a policy. */
export function toEarlierId(id: string, retry: number): string {
  return `${id.slice(0, id.lastIndexOf('/'))}/${retry}`;
}

export function groupBy<T>(items: Iterable<T>, toKey: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = toKey(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

export function fieldsOf(value: Value | undefined): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

export function listOf(value: Value | undefined): readonly Value[] {
  return Array.isArray(value) ? (value as readonly Value[]) : [];
}

export function textOf(value: Value | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** The same text for the same value, whatever the order of its members. */
export function toCanonical(value: Value | undefined): string {
  if (Array.isArray(value)) return `[${(value as readonly Value[]).map(toCanonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const fields = Object.entries(value as Fields).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, each]) => `${JSON.stringify(key)}:${toCanonical(each)}`).join(',')}}`;
}

/** Commands in doubt of which nobody has said yet what they did. */
export function listOpenDoubts({ journals }: Evidence): readonly string[] {
  const rows = journals.flatMap((journal) => journal.rows);
  const settled = new Set(rows.filter(({ kind }) => kind === 'RESOLVE').map(({ key }) => key));
  return rows.flatMap(({ kind, key, body }) =>
    kind === 'END' && key !== null && fieldsOf(body['outcome'])['status'] === 'uncertain' && !settled.has(key) ? [key] : [],
  );
}
