// The clock of rehearsals: time passes only when everything waits.

import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { createVirtualClock } from './virtual-clock.js';

const open = () => createVirtualClock(0, () => turn());

test('what goes on side by side interleaves by the time it would take', async () => {
  const clock = open();
  const seen: string[] = [];
  const work = async (name: string, ms: number): Promise<void> => {
    for (let k = 1; k <= 3; k++) {
      await clock.pass(ms);
      seen.push(`${name}${k} ${clock.nowMs}`);
    }
  };
  await clock.runUntil(Promise.all([work('a', 100), work('b', 150)]));
  expect(seen).toEqual(['a1 100', 'b1 150', 'a2 200', 'b2 300', 'a3 300', 'b3 450']);
});

test('the clock stands still while the world is at work, one piece at a time', async () => {
  const clock = open();
  const seen: string[] = [];
  const use = async (name: string, realMs: number): Promise<void> => {
    await clock.hold(async () => {
      seen.push(`${name} begins at ${clock.nowMs}`);
      await sleep(realMs);
    });
    await clock.pass(10);
    seen.push(`${name} ends at ${clock.nowMs}`);
  };
  const other = clock.pass(5).then(() => seen.push(`other at ${clock.nowMs}`));
  await clock.runUntil(Promise.all([use('slow', 30), use('fast', 0), other]));
  expect(seen).toEqual(['slow begins at 0', 'fast begins at 0', 'other at 5', 'slow ends at 10', 'fast ends at 10']);
});

test('a promise that nothing settles ends the rehearsal and not the patience', async () => {
  await expect(open().runUntil(new Promise(() => undefined))).rejects.toMatchObject({ code: 'PROTOCOL_ERROR' });
});

test('what is thrown comes out', async () => {
  const clock = open();
  await expect(clock.runUntil(clock.pass(7).then(() => Promise.reject(new Error('given up'))))).rejects.toThrow('given up');
  expect(clock.nowMs).toBe(7);
});
