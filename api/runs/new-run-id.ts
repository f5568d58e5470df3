// Makes run ids: UUIDs of version 7, which sort by time of creation, also within one millisecond of one process.

import { randomBytes } from 'node:crypto';

const COUNTER_MAX = 0xfff;

/** A source of ids; each id is greater than the one before, even if the clock steps back. */
export function createRunIdSource(now: () => number): () => string {
  let lastMs = 0;
  let counter = 0;
  return () => {
    const nowMs = now();
    if (nowMs > lastMs) {
      lastMs = nowMs;
      counter = 0;
    } else if (counter < COUNTER_MAX) {
      counter += 1;
    } else {
      // 4,096 ids in one millisecond: borrow from the next one, as RFC 9562 allows.
      lastMs += 1;
      counter = 0;
    }
    return formatUuid7(lastMs, counter);
  };
}

function formatUuid7(timeMs: number, counter: number): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(timeMs, 0, 6);
  bytes.writeUInt16BE(0x7000 | counter, 6);
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/iu;

export function isUuid(text: string): boolean {
  return UUID.test(text);
}
