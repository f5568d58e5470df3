// One more workcell on the stage: its rows, a bridge and a workcell worker, as the lab would run them. The lab supervises one
// workcell; those of benches are started here and ended with the stage.

import path from 'node:path';
import { applyWorkcell } from '../db/workcells/workcell.queries.js';
import type { Database } from '../db/connection/connect-database.js';
import type { WorkcellSpec } from '../domain/workcells/workcell-spec.js';
import { describeBridge, describeNodeProcess, findEntries, type ServiceWorld } from '../local/lab-services.js';
import type { RunningProcess } from '../local/running-process.js';
import { findProjectRoot } from '../platform/paths.js';
import { readSettings } from '../platform/settings.js';
import { readLabRecord } from '../local/lab-record.js';

const STOP_TIMEOUT_MS = 2_000;

export interface ExtraWorkcell {
  readonly name: string;
  /** Where its bridge, its stop record and its logs are. */
  readonly home: string;
  readonly bridgeSocket: string;
  readonly pids: readonly number[];
  close(): Promise<void>;
}

export interface WorkcellWorld {
  readonly db: Database;
  /** Of the lab. */
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
  readonly python: string;
}

export async function startWorkcell({ db, home: labHome, env: labEnv, python }: WorkcellWorld, spec: WorkcellSpec): Promise<ExtraWorkcell> {
  const record = readLabRecord(labHome);
  if (record === null) throw new Error(`There is no lab in ${labHome}.`);
  await applyWorkcell(db, spec);
  const home = path.join(labHome, 'workcells', spec.name);
  // What is too large for Temporal is written by the lab's workflows and read here.
  const env = {
    ...labEnv,
    PRAXIS_HOME: home,
    PRAXIS_BLOBS: readSettings(labEnv).blobFolder,
    PRAXIS_WORKCELL: spec.name,
    TEMPORAL_ADDRESS: record.temporalAddress,
  };
  const settings = readSettings(env);
  const projectRoot = findProjectRoot();
  const world: ServiceWorld = { settings, projectRoot, env, entries: findEntries(projectRoot) };
  const bridge = await describeBridge(world, [python, '-m', 'praxis_bridge']).start();
  const { databaseUrl, redisUrl } = record;
  const worker = describeNodeProcess(world, {
    name: 'workcell-worker',
    entry: world.entries.workcellWorker,
    stores: { databaseUrl, redisUrl },
  });
  let running: RunningProcess;
  try {
    running = await worker.start();
  } catch (error) {
    await bridge.stop(STOP_TIMEOUT_MS);
    throw error;
  }
  return {
    name: spec.name,
    home,
    bridgeSocket: settings.bridgeSocket,
    pids: [bridge.pid, running.pid],
    close: async () => {
      await bridge.stop(STOP_TIMEOUT_MS);
      await running.stop(STOP_TIMEOUT_MS);
    },
  };
}
