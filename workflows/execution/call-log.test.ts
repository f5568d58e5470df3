// The outbox of the call log: what joins what, what is taken when, and that nothing is lost or told twice.

import { describe, expect, test } from '@jest/globals';
import { listToldEntries, type CallEntry, type CallLog } from '../../domain/runs/call.js';
import { createCallLog, type CallLogOutbox } from './call-log.js';
import { PORTION_BYTES } from './waiting-entries.js';

const PORTION_ENTRIES = 500;
const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

/** Nothing is told by the clock. */
const never = () => (): void => undefined;

interface Rig {
  readonly outbox: CallLogOutbox;
  readonly sent: CallLog[];
}

function open(): Rig {
  const sent: CallLog[] = [];
  const outbox = createCallLog({
    workflowId: 'w',
    lastN: 0,
    entries: [],
    isMuted: () => false,
    after: never,
    explain: String,
    send: (log) => {
      sent.push(log);
      return Promise.resolve();
    },
  });
  return { outbox, sent };
}

const start = ({ outbox }: Rig, path: string): void => {
  outbox.add({ phase: 'started', path, atMs: 1, name: path, version: '1.0.0', kind: 'inline', arguments: {} });
};
const end = ({ outbox }: Rig, path: string): void => {
  outbox.addEnd(path, { phase: 'completed', atMs: 2, result: path });
};
const show = (log: CallLog | undefined): readonly string[] =>
  log ? listToldEntries(log).map(({ n, phase, path }) => `${n} ${phase} ${path}`) : [];

test('an end joins its start while that waits, and both are told in the order of their numbers', () => {
  const rig = open();
  for (const path of ['a', 'a/b']) start(rig, path);
  for (const path of ['a/b', 'a']) end(rig, path);
  const log = rig.outbox.take();
  expect(log?.entries).toHaveLength(2);
  expect(show(log)).toEqual(['1 started a', '2 started a/b', '3 completed a/b', '4 completed a']);
  expect(rig.outbox.take()).toBeUndefined();
});

test('an end whose start was given away, or put back, has an entry of its own', () => {
  const rig = open();
  start(rig, 'a');
  const log = rig.outbox.take() as CallLog;
  rig.outbox.putBack(log);
  end(rig, 'a');
  const again = rig.outbox.take();
  expect(again?.entries).toHaveLength(2);
  expect(show(again)).toEqual(['1 started a', '2 completed a']);
});

test('entries of a child stand between what was told before and after them', () => {
  const rig = open();
  start(rig, 'a');
  const ofChild: CallEntry = { n: 1, workflowId: 'child', phase: 'started', path: 'c', atMs: 1 };
  rig.outbox.adopt([ofChild]);
  end(rig, 'a');
  expect(show(rig.outbox.take())).toEqual(['1 started a', '1 started c', '2 completed a']);
});

test('portions end where they would without joining, and together tell everything once', async () => {
  const calls = 2_001;
  const rig = open();
  start(rig, 'root');
  for (let k = 0; k < calls; k++) {
    start(rig, `c${k}`);
    end(rig, `c${k}`);
  }
  end(rig, 'root');
  await rig.outbox.flush();
  const numbers = rig.sent.flatMap((log) => listToldEntries(log).map(({ n }) => n)).sort((a, b) => a - b);
  expect(numbers).toEqual(Array.from({ length: 2 * calls + 2 }, (_, k) => k + 1));
  // The first left with what waited when there were enough, the others are full: as many as a log without joining would take.
  expect(rig.sent.length).toBe(1 + Math.ceil((2 * calls + 2 - 400) / PORTION_ENTRIES));
  expect(rig.outbox.take()).toBeUndefined();
});

test('a portion is full by bytes long before it is by count', async () => {
  const text = 'x'.repeat(60_000);
  const rig = open();
  // They wait until the first message is on its way, as they do beside an activity that takes its time.
  let letGo = (): void => undefined;
  const slow = createCallLog({
    workflowId: 'w',
    lastN: 0,
    entries: [],
    isMuted: () => false,
    after: never,
    explain: String,
    send: (log) => {
      rig.sent.push(log);
      return new Promise((resolve) => {
        letGo = resolve;
      });
    },
  });
  for (let k = 0; k < 40; k++) slow.add({ phase: 'data', path: 'a', atMs: 1, data: { name: 'text', value: text } });
  const flushed = slow.flush();
  const count = (): number => rig.sent.flatMap(({ entries }) => entries).length;
  while (count() < 40 || !slow.isSettled()) {
    letGo();
    await nextTurn();
  }
  await flushed;
  expect(rig.sent.flatMap(({ entries }) => entries).map(({ n }) => n)).toEqual(Array.from({ length: 40 }, (_, k) => k + 1));
  for (const log of rig.sent) expect(Buffer.byteLength(JSON.stringify(log))).toBeLessThan(PORTION_BYTES + 1_024);
});

test('what is refused and taken by nobody else is told of by a note, and the rest goes on', async () => {
  const sent: CallLog[] = [];
  let isRefused = true;
  const send = (log: CallLog): Promise<void> => (isRefused ? Promise.reject(new Error('refused')) : Promise.resolve(void sent.push(log)));
  const outbox = createCallLog({
    workflowId: 'w',
    lastN: 0,
    entries: [],
    isMuted: () => false,
    after: never,
    explain: (error) => (error as Error).message,
    send: (log) =>
      send(log).finally(() => {
        isRefused = log.entries.length > PORTION_ENTRIES;
      }),
  });
  for (let k = 1; k <= PORTION_ENTRIES + 100; k++) outbox.adopt([{ n: k, phase: 'state', path: `a.${k}`, atMs: k, workflowId: 'v' }]);
  await nextTurn();
  isRefused = true;
  await outbox.lighten();
  const told = sent.flatMap(({ entries }) => entries);
  expect(told.filter(({ phase }) => phase === 'state').map(({ n }) => n)).toEqual(
    Array.from({ length: 100 }, (_, k) => PORTION_ENTRIES + 1 + k),
  );
  expect(told.filter(({ phase }) => phase === 'note')).toMatchObject([
    { path: 'a.1', note: { text: expect.stringMatching(/^500 entries .* a\.1 on: refused$/u) as unknown } },
  ]);
  expect(outbox.unsaid).toBeUndefined();
  expect(outbox.take()).toBeUndefined();
});

test('where not even the note can be written, it waits, and the reason is known', async () => {
  const outbox = createCallLog({
    workflowId: 'w',
    lastN: 0,
    entries: [],
    isMuted: () => false,
    after: never,
    explain: (error) => (error as Error).message,
    send: () => Promise.reject(new Error('refused')),
  });
  outbox.add({ phase: 'state', path: 'a', atMs: 1 });
  await expect(outbox.flush()).rejects.toThrow('refused');
  expect(outbox.unsaid).toBe('1 entries of the call log are lost: refused');
  expect(show(outbox.take())).toEqual(['2 note a']);
});

describe('two that send at once', () => {
  /** Each message waits until it is let go or refused. */
  const openSlow = () => {
    const open: { log: CallLog; arrive: () => void; refuse: () => void }[] = [];
    const outbox = createCallLog({
      workflowId: 'w',
      lastN: 0,
      entries: [],
      isMuted: () => false,
      after: never,
      explain: (error) => (error as Error).message,
      send: (log) =>
        new Promise<void>((resolve, reject) => {
          open.push({
            log,
            arrive: resolve,
            refuse: () => {
              reject(new Error('refused'));
            },
          });
        }),
    });
    return { outbox, open };
  };
  const add = (outbox: CallLogOutbox, path: string): void => {
    outbox.add({ phase: 'started', path, atMs: 1, name: path, version: '1.0.0', kind: 'inline', arguments: {} });
  };

  test('send one after the other, and nothing is settled before the last has arrived', async () => {
    const { outbox, open } = openSlow();
    add(outbox, 'a');
    const first = outbox.flush();
    await nextTurn();
    const second = outbox.flush();
    add(outbox, 'b');
    await nextTurn();
    expect(open.map(({ log }) => show(log))).toEqual([['1 started a']]);
    open[0]?.arrive();
    await nextTurn();
    expect(open.map(({ log }) => show(log))).toEqual([['1 started a'], ['2 started b']]);
    expect(outbox.isSettled()).toBe(false);
    open[1]?.arrive();
    await Promise.all([first, second]);
    expect(outbox.isSettled()).toBe(true);
  });

  test('asked in the same moment, are not settled when the first has ended', async () => {
    const { outbox, open } = openSlow();
    add(outbox, 'a');
    const first = outbox.flush();
    const second = outbox.flush().then(() => outbox.flush());
    await nextTurn();
    add(outbox, 'b');
    open[0]?.arrive();
    await nextTurn();
    expect([open.length, outbox.isSettled()]).toEqual([2, false]);
    open[1]?.arrive();
    await Promise.all([first, second]);
    expect(outbox.isSettled()).toBe(true);
  });

  test('what is refused while a command may still take it along waits in front', async () => {
    const { outbox, open } = openSlow();
    outbox.add({ phase: 'state', path: 'a', atMs: 1, state: { text: 'x'.repeat(PORTION_BYTES) } });
    await nextTurn();
    add(outbox, 'b');
    open[0]?.refuse();
    await nextTurn();
    expect(outbox.isSettled()).toBe(true);
    const lightened = outbox.lighten();
    await nextTurn();
    expect(open.map(({ log }) => show(log))).toEqual([['1 state a'], ['1 state a']]);
    open[1]?.arrive();
    await nextTurn();
    open[2]?.arrive();
    await lightened;
    expect(open.slice(2).map(({ log }) => show(log))).toEqual([['2 started b']]);
  });

  test('who lightens waits also for one that comes behind the one under way', async () => {
    const { outbox, open } = openSlow();
    outbox.add({ phase: 'state', path: 'a', atMs: 1 });
    const first = outbox.flush();
    await nextTurn();
    let isLight = false;
    const lightened = outbox.lighten().then(() => {
      isLight = true;
    });
    outbox.add({ phase: 'state', path: 'b', atMs: 1 });
    const second = outbox.flush();
    for (const log of ['1 state a', '2 state b']) {
      await nextTurn();
      expect(isLight).toBe(false);
      expect(show(open.at(-1)?.log)).toEqual([log]);
      open.at(-1)?.arrive();
    }
    await Promise.all([first, second, lightened]);
    expect(outbox.isSettled()).toBe(true);
  });
});
