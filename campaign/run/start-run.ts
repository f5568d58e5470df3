// Starts a program on a lab, as often as it takes: whatever is dead just then, one key is one run.

import { setTimeout as sleep } from 'node:timers/promises';
import { post } from './operator.js';
import { CARGO, type Program } from './program.js';
import type { Rig } from './rig.js';
import { HANDLER, SECOND_HANDLER } from './workcell.js';

const START_LIMIT_MS = 120_000;
const POLL_MS = 250;

/** What a program takes by its name: it knows where its cargo stands, and only one of the liquid handlers is on the tape. */
const ASSETS: Readonly<Record<Program['protocol'], Readonly<Record<string, string>>>> = {
  liquid_program: { cargo: CARGO, reader: 'reader', lh: HANDLER },
  instrument_program: {},
  neighbour_program: { second: SECOND_HANDLER, trough: 'diluent_2', reader: 'incubating_reader', plate: 'growth_plate' },
  mistaken_program: { second: SECOND_HANDLER, trough: 'diluent_2', reader: 'incubating_reader', plate: 'growth_plate' },
};

/** Asks under one key until it is answered, so that asking again is no second run. */
export async function startRun(rig: Rig, { protocol, steps }: Program, key: string | undefined): Promise<string> {
  const named = key ?? `${protocol}-${process.hrtime.bigint()}`;
  const parameters = { program: JSON.stringify(steps) };
  const assets = ASSETS[protocol];
  const giveUpAtMs = Date.now() + START_LIMIT_MS;
  for (;;) {
    const { status, body } = await post(rig, 'startRun', { body: { protocol, parameters, assets }, headers: { 'idempotency-key': named } });
    const runId = typeof body['id'] === 'string' ? body['id'] : undefined;
    rig.note({ what: 'request', action: 'start', status, key: named, ...(runId === undefined ? {} : { runId }) });
    if (runId !== undefined && status < 300) return runId;
    if (status >= 400 && status < 500) throw new Error(`The start of ${protocol} was refused: ${JSON.stringify(body)}`);
    if (Date.now() > giveUpAtMs) throw new Error(`Nobody took the start of ${protocol}: ${status} ${JSON.stringify(body)}`);
    await sleep(POLL_MS);
  }
}
