// Redis decides whether a run is started: its hint is what starts it, and nobody looks at the rows.

import { setTimeout as sleep } from 'node:timers/promises';
import { fire } from '../run/faults.js';
import type { MutantOfLab } from './mutant.js';

const DEAD_MS = 4_000;
const UNTIL_DEAD_MS = 1_000;

export const redisAsAuthority: MutantOfLab = {
  number: 7,
  name: 'Redis as authority',
  caughtBy: ['I15'],
  replacements: [
    { file: 'ports/create-ports.ts', old: 'bus: fallBackBus(redis.bus, circuit, postgres.bus),', new: 'bus: redis.bus,' },
    { file: 'api/loops/starter-loop.ts', old: 'intervalMs: LOOK_INTERVAL_MS,', new: 'intervalMs: 86_400_000,' },
    {
      file: 'api/serve-api.ts',
      old: '  ports?.bus.subscribe(EVENTS_CHANNEL, () => hub.wake());\n',
      new: `  ports?.bus.subscribe(EVENTS_CHANNEL, () => hub.wake());
  const waiting = new Map<string, Parameters<typeof starter.start>[0]>();
  ports?.bus.subscribe('starts', (id) => { const run = waiting.get(id ?? ''); if (run) starter.start(run); });\n`,
    },
    {
      file: 'api/serve-api.ts',
      old: 'onRunCreated: (run) => starter.start(run),',
      new: `onRunCreated: (run) => { waiting.set(run.id, run); ports?.bus.publish('starts', run.id).catch(() => undefined); },`,
    },
  ],
  provoke: async ({ rig, start }) => {
    const firing = fire(rig, { kind: 'redis-dead', atMs: 0, lastsMs: DEAD_MS });
    await sleep(UNTIL_DEAD_MS);
    await start('instrument_program', [{ do: 'scan' }]);
    if (!(await firing)) throw new Error('There is no Redis to kill: install redis-server.');
  },
};
