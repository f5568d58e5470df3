// Many workcells on the stage, each with a bridge and a worker of its own and one simulated pump without motion time. It
// grows as benches ask for it and ends with the stage.

import { closeDatabase, connectDatabase, type Database } from '../db/connection/connect-database.js';
import type { WorkcellSpec } from '../domain/workcells/workcell-spec.js';
import { wait, type Lab } from '../test/rig/start-lab.js';
import { startWorkcell, type ExtraWorkcell, type WorkcellWorld } from './start-workcell.js';

/** Starting takes the processors whole; more side by side only makes each slower. */
const STARTS_AT_ONCE = 4;
const ENDS_AT_ONCE = 10;
/** More than any bench takes; the runs are cancelled. */
const STROKES = 10_000;
/** Between starts of paced runs. As a share of a second it is √5 − 2, so any number of them spreads evenly over the second. */
const START_INTERVAL_MS = 236.068;

export interface Fleet {
  /** Until so many workcells have a command a second, each at a moment of its own; the ids of these runs. */
  pace(count: number): Promise<readonly string[]>;
  /** Ends all of these runs. */
  rest(): Promise<void>;
  /** Starts a workcell of another kind, which ends with the fleet. */
  add(spec: WorkcellSpec): Promise<ExtraWorkcell>;
  /** Of all its processes. */
  listPids(): readonly number[];
  close(): Promise<void>;
}

export interface FleetStage {
  readonly lab: Lab;
  readonly databaseUrl: string;
  readonly python: string;
  readonly say: (line: string) => void;
  readonly start: (protocol: string, given: { parameters: { strokes: number }; assets: { pump: string } }) => Promise<string>;
  readonly waitForEnd: (runId: string) => Promise<unknown>;
}

export function openFleet({ lab, databaseUrl, python, say, start, waitForEnd }: FleetStage): Fleet {
  let db: Database | undefined;
  const workcells: ExtraWorkcell[] = [];
  const paced: string[] = [];
  let size = 0;
  const world = (): WorkcellWorld => {
    db ??= connectDatabase({ url: databaseUrl, applicationName: 'bench', poolMax: 1 });
    return { db, home: lab.home, env: lab.env, python };
  };
  const add = async (spec: WorkcellSpec): Promise<ExtraWorkcell> => {
    const workcell = await startWorkcell(world(), spec);
    workcells.push(workcell);
    return workcell;
  };
  const addPump = async (n: number): Promise<void> => {
    const pump = {
      name: `pump_${n}`,
      frontend: 'Pump',
      backend: 'PumpSimulatorBackend',
      backendArguments: {},
      mode: 'simulation',
    } as const;
    await add({ name: `cell_${n}`, machines: [pump], deck: null, labware: [] });
  };
  const grow = async (count: number): Promise<void> => {
    const wanted = Array.from({ length: Math.max(0, count - size) }, (_, k) => size + k + 1);
    const beganAtMs = Date.now();
    await inTurn(wanted, STARTS_AT_ONCE, addPump);
    size = Math.max(size, count);
    if (wanted.length > 0) say(`  ${wanted.length} more workcells started in ${((Date.now() - beganAtMs) / 1_000).toFixed(0)} s`);
  };
  return {
    add,
    pace: async (count) => {
      await grow(count);
      const beganAtMs = Date.now() - paced.length * START_INTERVAL_MS;
      while (paced.length < count) {
        await wait(Math.max(0, beganAtMs + paced.length * START_INTERVAL_MS - Date.now()));
        paced.push(await start('paced_strokes', { parameters: { strokes: STROKES }, assets: { pump: `pump_${paced.length + 1}` } }));
      }
      return paced.slice(0, count);
    },
    rest: async () => {
      const runIds = paced.splice(0);
      await inTurn(runIds, ENDS_AT_ONCE, async (runId) => {
        await lab.api.cancelRun({ params: { id: runId } });
      });
      await inTurn(runIds, ENDS_AT_ONCE, async (runId) => {
        await waitForEnd(runId);
      });
    },
    listPids: () => workcells.flatMap(({ pids }) => pids),
    close: async () => {
      await inTurn(workcells, ENDS_AT_ONCE, (each) => each.close());
      if (db !== undefined) await closeDatabase(db);
    },
  };
}

async function inTurn<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const take = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, take));
}
