// Payloads as Temporal's converters make them: small ones pass as they are, large ones come back as they were.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openBlobStore } from './blob-store.js';
import { createLargePayloadCodec, PAYLOAD_LIMIT_BYTES, type Payload, type PayloadCodec } from './large-payloads.js';

let folder: string;
let codec: PayloadCodec;

beforeAll(() => {
  folder = mkdtempSync(`${tmpdir()}/praxis-blobs-`);
  codec = createLargePayloadCodec(openBlobStore(folder));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const toPayload = (value: unknown): Payload => ({
  metadata: { encoding: Buffer.from('json/plain') },
  data: Buffer.from(JSON.stringify(value)),
});
const fromPayload = ({ data }: Payload): unknown => JSON.parse(Buffer.from(data ?? []).toString());

test('a large payload travels as a small reference that others can read, and comes back whole', async () => {
  const large = toPayload('µ'.repeat(PAYLOAD_LIMIT_BYTES));
  const small = toPayload({ volumeUl: 10 });
  const [reference, same] = await codec.encode([large, small]);
  expect(same).toBe(small);
  expect(reference?.data?.length).toBeLessThan(200);
  expect(fromPayload(reference as Payload)).toEqual({
    blob: expect.stringMatching(/^[0-9a-f]{64}$/u) as unknown,
    bytes: large.data?.length,
  });
  const other = createLargePayloadCodec(openBlobStore(folder));
  const back = await other.decode([reference as Payload, small]);
  expect(back.map(fromPayload)).toEqual([large, small].map(fromPayload));
  expect(back[0]?.metadata).toEqual(large.metadata);
});

test('the limit counts bytes, and payloads without data pass', async () => {
  const most: Payload = { data: Buffer.alloc(PAYLOAD_LIMIT_BYTES) };
  const more: Payload = { data: Buffer.alloc(PAYLOAD_LIMIT_BYTES + 1) };
  const encoded = await codec.encode([most, more, { metadata: null, data: null }]);
  expect(encoded.map(({ data }) => (data?.length ?? 0) > 1_000)).toEqual([true, false, false]);
  expect((await codec.decode(encoded)).map(({ data }) => data?.length)).toEqual([PAYLOAD_LIMIT_BYTES, PAYLOAD_LIMIT_BYTES + 1, undefined]);
});
