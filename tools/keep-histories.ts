// Keeps Temporal histories for the replay tests: every execution of a run and of its children, for every top-level protocol
// of library and fixtures and for every kind of control.
// Run it after a change to workflow code that is meant to change histories, and look at what changed.
// Usage: node dist/tools/keep-histories.js [name …]; all that are missing where none is named

import path from 'node:path';
import type { Json, JsonObject } from '../domain/json/json.js';
import type { BoundAsset } from '../domain/runs/run.js';
import { findProjectRoot } from '../platform/paths.js';
import * as kinetic from '../protocols/library/kinetic-assay.protocol.js';
import { connectTemporal } from '../test/rig/connect-temporal.js';
import { fetchExecutions, keepHistories, listKeptNames } from '../test/rig/kept-histories.js';
import { startRun, waitForEnd } from '../test/rig/operate-lab.js';
import type { EngineRig } from '../test/rig/engine-rig.js';
import { startEngine } from '../test/rig/start-engine.js';
import { startLab } from '../test/rig/start-lab.js';
import { readProtocolSources } from '../protocols/bundling/bundle-protocols.js';
import { ENGINE_CASES, LAB_CASES, type EngineCase } from './history-cases.js';

const FIXTURES = 'test/fixtures/protocols';
/** Long enough for a person to come in between two commands. */
const MOTION_S = 0.02;
const { definitions } = await readProtocolSources([path.join(findProjectRoot(), FIXTURES)]);
const topLevel = definitions.filter(({ isTopLevel }) => isTopLevel).map(({ name }) => name);
const named = process.argv.slice(2);
const kept = listKeptNames();
const isWanted = (name: string): boolean => (named.length > 0 ? named.includes(name) : !kept.includes(name));
const onLab = [...new Set([...topLevel, ...Object.keys(LAB_CASES)])].filter(isWanted);
const onEngine = Object.keys(ENGINE_CASES).filter(isWanted);

if (onLab.length + onEngine.length === 0) say('Every history is kept.');
if (onLab.length > 0) await keepFromLab(onLab);
if (onEngine.length > 0) await keepFromEngine(onEngine);

async function keepFromLab(names: readonly string[]): Promise<void> {
  const lab = await startLab({ motionS: MOTION_S, protocols: [FIXTURES] });
  try {
    const temporal = await connectTemporal(lab);
    for (const name of names) {
      const { meanwhile, ...wish } = LAB_CASES[name] ?? {};
      const runId = await startRun(lab, name.split('.')[0] ?? name, wish);
      await meanwhile?.(lab, runId);
      const { status } = await waitForEnd(lab, runId);
      await temporal.workflow
        .getHandle(runId)
        .result()
        .catch(() => undefined);
      const count = await keepHistories(name, await fetchExecutions(temporal, runId));
      await lab.api.releaseMachine({ params: { name: 'star' }, body: { note: 'released for the next history' } });
      say(`kept ${name} (${status}, ${count} executions)`);
    }
    await temporal.connection.close();
  } finally {
    await lab.end();
  }
}

async function keepFromEngine(names: readonly string[]): Promise<void> {
  const rig = await startEngine({ entry, calculate });
  try {
    for (const name of names) {
      const runId = await runOnEngine(rig, ENGINE_CASES[name] as EngineCase);
      say(`kept ${name} (${await keepHistories(name, await fetchExecutions(rig.client, runId))} executions)`);
    }
  } finally {
    await rig.end();
  }
}

async function runOnEngine(
  rig: EngineRig,
  { protocol, parameters, historyBudgetEvents, onCommand, meanwhile, assetTypes = {} }: EngineCase,
): Promise<string> {
  rig.onCommand = onCommand ?? (() => Promise.resolve(null));
  const declared = protocol === 'kinetic_assay' ? Object.entries(kinetic.kineticAssay.definition.assets) : Object.entries(assetTypes);
  const assets = Object.fromEntries(declared.map(([name, { kind, type }]): [string, BoundAsset] => [name, { id: name, name, kind, type }]));
  const runId = await rig.start(protocol, parameters, {
    timeScale: 100,
    ...(declared.length > 0 && { assets }),
    ...(historyBudgetEvents !== undefined && { historyBudgetEvents }),
  });
  await meanwhile?.(rig, runId);
  await rig.result(runId).catch(() => undefined);
  return runId;
}

/** A calculation as the threads of a lab execute it. */
function calculate(name: string, parameters: JsonObject): Promise<Json> {
  if (name !== kinetic.fitGrowth.definition.name) throw new Error(`No history has a calculation ${name}.`);
  return kinetic.fitGrowth.execute(
    {
      run: undefined as never,
      sender: () => {
        throw new Error('A calculation drives no machine.');
      },
    },
    parameters,
    {},
  );
}

function entry(root: string): readonly string[] {
  return [
    `import { createRunWorkflow } from ${JSON.stringify(path.join(root, 'workflows', 'index.ts'))};`,
    `import * as fixtures from ${JSON.stringify(path.join(root, 'test', 'fixtures', 'engine', 'engine.protocol.ts'))};`,
    `import * as time from ${JSON.stringify(path.join(root, 'test', 'fixtures', 'engine', 'time.protocol.ts'))};`,
    `import * as kinetic from ${JSON.stringify(path.join(root, 'protocols', 'library', 'kinetic-assay.protocol.ts'))};`,
    'export default createRunWorkflow([fixtures, time, kinetic]);',
  ];
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
