// A protocol function means the same in every kind: each protocol of the library, its nested calls executed inline, as
// children, as calculations and mixed by chance, gives the same result, the same commands and the same calls.

import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/activity';
import type { Json, JsonObject } from '../../domain/json/json.js';
import type { BoundAsset } from '../../domain/runs/run.js';
import type { CommandRequest } from '../../domain/wire/wire.js';
import * as antigen from '../../protocols/library/antigen-dilution-series.protocol.js';
import * as discard from '../../protocols/library/discard-tips.protocol.js';
import * as hello from '../../protocols/library/hello-world.protocol.js';
import * as kinetic from '../../protocols/library/kinetic-assay.protocol.js';
import * as preparation from '../../protocols/library/plate-preparation.protocol.js';
import * as assay from '../../protocols/library/plate-reader-assay.protocol.js';
import * as reading from '../../protocols/library/read-plate.protocol.js';
import * as selective from '../../protocols/library/selective-transfer.protocol.js';
import * as serial from '../../protocols/library/serial-dilution.protocol.js';
import * as simple from '../../protocols/library/simple-transfer.protocol.js';
import * as wash from '../../protocols/library/wash-tips96.protocol.js';
import { listProtocolFunctions } from '../../protocols/sdk/protocol-function.js';
import * as engineProtocols from '../fixtures/engine/engine.protocol.js';
import { SEEDS_OF_A_ROUND } from '../fixtures/workflows/seeds.js';
import type { EngineRig } from '../rig/engine-rig.js';
import { startEngine } from '../rig/start-engine.js';
import { waitFor } from '../rig/start-lab.js';

/** Repeat a failure with PRAXIS_TEST_SEED set to the first number that the name of the test shows. */
const SEED = Number(process.env['PRAXIS_TEST_SEED'] ?? SEEDS_OF_A_ROUND * Math.floor(Math.random() * 300_000));
const MIXES = SEEDS_OF_A_ROUND;
const VARIANTS = ['inline', 'child', 'activity', ...Array.from({ length: MIXES }, (_, k) => `mixed-${SEED + k}`)];
const LIBRARY = [
  'antigen-dilution-series',
  'discard-tips',
  'hello-world',
  'kinetic-assay',
  'plate-preparation',
  'plate-reader-assay',
  'read-plate',
  'selective-transfer',
  'serial-dilution',
  'simple-transfer',
  'wash-tips96',
];
const protocols = [antigen, discard, hello, kinetic, preparation, assay, reading, selective, serial, simple, wash, engineProtocols].flatMap(
  listProtocolFunctions,
);
/** Small, and long enough for each nested call to come more than once; the interval is far above what a read takes. */
const PARAMETERS: Readonly<Record<string, JsonObject>> = {
  antigen_dilution_series: { sampleIds: ['a', 'b'], volumesUl: [50, 60], factors: [2, 3], mixCycles: 1 },
  kinetic_assay: { interval: '30 s', duration: '90 s' },
  serial_dilution: { numDilutions: 3 },
};
const TIME_SCALE = 6;
/** Beside the library: calls that change the run's state, and one that fails. */
const OTHERS: readonly (readonly [string, JsonObject])[] = [
  ['plain_calls', { failing: false }],
  ['plain_calls', { failing: true }],
];
const cases: readonly (readonly [string, JsonObject])[] = [
  ...protocols
    .filter(
      ({ definition }) => definition.isTopLevel && !listProtocolFunctions(engineProtocols).some((each) => each.definition === definition),
    )
    .map(({ definition }) => [definition.name, PARAMETERS[definition.name] ?? {}] as const),
  ...OTHERS,
];

let rig: EngineRig;

beforeAll(async () => {
  rig = await startEngine({ entry: enterForced, calculate });
  rig.onCommand = (request) => Promise.resolve(request.method.startsWith('read_') ? [toReading(request)] : null);
}, 240_000);
afterAll(() => rig?.end());

/** What a run was, without what may differ: ids of workflows and the kind itself. */
interface Trace {
  readonly result: Json;
  readonly commands: readonly Json[];
  readonly calls: readonly Json[];
  readonly kinds: readonly string[];
}

describe.each(cases)('%s %j', (name, parameters) => {
  test(`is the same in every kind; seed ${SEED}`, async () => {
    const own = await trace('own', name, parameters);
    expect(own.calls.length).toBeGreaterThan(0);
    // Without nested calls there is nothing to force.
    const others = own.kinds.length === 0 ? [] : await Promise.all(VARIANTS.map((variant) => trace(variant, name, parameters)));
    for (const [index, { kinds, ...other }] of others.entries()) {
      const variant = VARIANTS[index] ?? '';
      const { kinds: _own, ...expected } = own;
      expect({ variant, ...other }).toEqual({ variant, ...expected });
      // A variant that forces nothing would prove nothing.
      if (variant === 'inline' || variant === 'child') expect(kinds.filter((kind) => kind !== variant)).toEqual([]);
    }
  }, 240_000);
});

test(`chance has chosen every kind; seed ${SEED}`, () => {
  const chosen = [...rig.asked.entries]
    .filter(([key]) => key.startsWith('mixed-'))
    .flatMap(([, { kind, path: at }]) => (kind !== undefined && at.includes('/') ? [kind] : []));
  expect(new Set(chosen)).toEqual(new Set(['inline', 'child', 'activity']));
});

async function trace(variant: string, name: string, parameters: JsonObject): Promise<Trace> {
  const runId = `${variant}${variant.startsWith('mixed') ? '' : '-'}-${name}-${JSON.stringify(parameters).length}`;
  const definition = protocols.find((each) => each.definition.name === name)?.definition;
  const assets = Object.fromEntries(
    Object.entries(definition?.assets ?? {}).map(([parameter, { kind, type }]): [string, BoundAsset] => [
      parameter,
      { id: parameter, name: parameter, kind, type },
    ]),
  );
  // Chance has the same seed in all variants.
  await rig.start(name, parameters, { runId, assets, timeScale: TIME_SCALE, continues: { runId: 'seed', ledger: [] } });
  const answering = answerAll(runId);
  const result = await rig.result(runId).then((value) => value as Json, readFailure);
  await answering;
  const entries = [...rig.asked.entries]
    .filter(([key]) => key.startsWith(`${runId} `) || key.startsWith(`${runId}/`))
    .map(([, entry]) => entry);
  const started = entries.filter(({ phase }) => phase === 'started');
  const ends = new Map(
    entries.filter(({ phase }) => ['completed', 'failed', 'cancelled'].includes(phase)).map((entry) => [entry.path, entry]),
  );
  const calls = started.map(({ path: at, name: called, version, arguments: given }) => {
    const end = ends.get(at);
    return {
      path: at,
      name: called,
      version,
      arguments: given,
      status: end?.phase,
      result: end?.result,
      error: end?.error,
    } as unknown as Json;
  });
  const byPath = (a: Json, b: Json): number => ((a as { path: string }).path < (b as { path: string }).path ? -1 : 1);
  const commands = rig.asked.commands
    .filter((each) => each.runId === runId)
    .map(({ id, method, machine, arguments: given }) => ({ id: id.slice(runId.length), machine, method, given }));
  return {
    result,
    commands,
    calls: calls.sort(byPath),
    kinds: started.flatMap(({ kind, path: at }) => (at.includes('/') ? [kind ?? ''] : [])),
  };
}

function readFailure(error: unknown): Json {
  const { cause } = error as { cause?: { type?: string; message?: string } };
  return { failed: cause?.type ?? '', message: cause?.message ?? String(error) };
}

/** Says yes until the run has ended. */
async function answerAll(runId: string): Promise<void> {
  const answered = new Set<string>();
  await waitFor(
    `run ${runId} to end`,
    async () => {
      for (const { itemId } of rig.asked.items.filter((item) => item.runId === runId && !answered.has(item.itemId))) {
        answered.add(itemId);
        await rig.client.workflow
          .getHandle(runId)
          .executeUpdate('answer', { args: [{ itemId, answer: true, by: 'test', note: '', atMs: 1 }] });
      }
      return rig.asked.finished.some((each) => each.runId === runId);
    },
    { timeoutMs: 200_000 },
  );
}

/** Grows from read to read of a run, and is the same in each. */
function toReading({ runId, arguments: given }: CommandRequest): Json {
  const before = rig.asked.commands.filter((each) => each.runId === runId && each.method.startsWith('read_')).length;
  return { time: before, temperature: 37, wavelength: given['wavelength'] ?? 0, data: [[0.05 * 2 ** before, 0.06 * 2 ** before]] };
}

/** Calculations as the threads of a lab execute them, without the thread. */
async function calculate(name: string, parameters: JsonObject): Promise<Json> {
  const protocol = protocols.find((each) => each.definition.name === name);
  if (!protocol) throw ApplicationFailure.nonRetryable(`There is no ${name}.`, 'INTERNAL');
  const sender = (): never => {
    throw new Error('A calculation drives no machine.');
  };
  return protocol.execute({ run: undefined as never, sender }, parameters, {});
}

function enterForced(root: string): readonly string[] {
  const files = LIBRARY.map((name) => path.join(root, 'protocols', 'library', `${name}.protocol.ts`));
  const all = [...files, path.join(root, 'test', 'fixtures', 'engine', 'engine.protocol.ts')];
  return [
    `import { createForcedWorkflow } from ${JSON.stringify(path.join(root, 'test', 'fixtures', 'workflows', 'forced-kinds.ts'))};`,
    ...all.map((file, index) => `import * as m${index} from ${JSON.stringify(file)};`),
    `export default createForcedWorkflow([${all.map((_file, index) => `m${index}`).join(', ')}]);`,
  ];
}
