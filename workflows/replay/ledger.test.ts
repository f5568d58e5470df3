// The ledger replaces what is finished by what it stands for, and refuses more than a run can carry.

import { describe, expect, test } from '@jest/globals';
import { createLedger, LEDGER_LIMIT_BYTES, LEDGER_LIMIT_ENTRIES } from './ledger.js';

describe('a ledger', () => {
  test('puts one entry in the place of all that happened inside, and of its own predecessor', () => {
    const ledger = createLedger([]);
    ledger.add({ id: 'r#1', at: 1, ok: null });
    const sinceSeq = ledger.nextSeq;
    ledger.add({ id: 'r/a.1#1', at: 2, ok: null });
    ledger.add({ id: 'r/a.10#1', at: 3, ok: null });
    ledger.add({ id: 'r/a.1/b.1', at: 4, ok: null });
    ledger.add({ id: 'r/a.1', at: 5, ok: 7 }, { prefixes: ['r/a.1/', 'r/a.1#'], sinceSeq });
    expect(ledger.list().map(({ id }) => id)).toEqual(['r#1', 'r/a.10#1', 'r/a.1']);
    ledger.add({ id: 'r/a.1', at: 6, ok: 8 }, { prefixes: [], sinceSeq });
    expect(ledger.list().at(-1)).toEqual({ id: 'r/a.1', at: 6, ok: 8 });
    expect(ledger.length).toBe(3);
  });

  test('forgets where calls began that are part of something concluded', () => {
    const ledger = createLedger([]);
    ledger.noteStart('r/a.1', 0);
    ledger.noteStart('r/a.1/b.1', 0);
    ledger.add({ id: 'r/a.1', at: 1, ok: null }, { prefixes: ['r/a.1/'], sinceSeq: 0 });
    expect([...ledger.starts.keys()]).toEqual(['r/a.1']);
  });

  test('refuses more entries, and more bytes, than a run can carry', () => {
    const many = createLedger(Array.from({ length: LEDGER_LIMIT_ENTRIES }, (_, k) => ({ id: `${k}`, at: k, ok: null })));
    expect(() => {
      many.requireRoom();
    }).not.toThrow();
    many.add({ id: 'one', at: 0, ok: null });
    expect(() => {
      many.requireRoom();
    }).toThrow(expect.objectContaining({ code: 'LEDGER_FULL' }));
    const large = createLedger([{ id: 'large', at: 0, ok: 'x'.repeat(LEDGER_LIMIT_BYTES) }]);
    expect(() => {
      large.requireRoom();
    }).toThrow(expect.objectContaining({ code: 'LEDGER_FULL' }));
  });
});
