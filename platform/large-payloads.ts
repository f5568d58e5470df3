// What keeps large values out of Temporal: every process that speaks to it passes its payloads through this codec, which
// puts what is large into the blob store and lets a reference travel. Workflow code and author code never see one.

import type { BlobStore } from './blob-store.js';

/** A larger payload goes by reference: of a message, a task and a page of history many fit below the 4 MiB that Temporal takes. */
export const PAYLOAD_LIMIT_BYTES = 16 * 1024;
/** Member of a payload's metadata: the hash. Whoever has no codec reads the reference as JSON. */
const REFERENCE_KEY = 'praxis-blob';

/** Temporal's payload, as far as it matters here. */
export interface Payload {
  metadata?: { [key: string]: Uint8Array } | null;
  data?: Uint8Array | null;
}

export interface PayloadCodec {
  encode(payloads: Payload[]): Promise<Payload[]>;
  decode(payloads: Payload[]): Promise<Payload[]>;
}

const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder();

/** For `payloadCodecs` of every client and worker. */
export function createLargePayloadCodec(blobs: BlobStore): PayloadCodec {
  return {
    encode: (payloads) => mapChanged(payloads, isLarge, (payload) => putAway(blobs, payload)),
    decode: (payloads) => mapChanged(payloads, isReference, (payload) => takeBack(blobs, payload)),
  };
}

/** As clients and workers take it. */
export interface DataConverter {
  readonly payloadCodecs: PayloadCodec[];
}

export function toDataConverter(blobs: BlobStore): DataConverter {
  return { payloadCodecs: [createLargePayloadCodec(blobs)] };
}

/** Values of JSON in payloads as they stand in a history. */
export async function readPayloads({ payloadCodecs }: DataConverter, payloads: readonly Payload[]): Promise<readonly unknown[]> {
  let decoded = [...payloads];
  for (const codec of [...payloadCodecs].reverse()) decoded = await codec.decode(decoded);
  return decoded.map(({ data }): unknown => ((data?.length ?? 0) === 0 ? null : JSON.parse(textDecoder.decode(data ?? undefined))));
}

async function mapChanged(
  payloads: Payload[],
  isMeant: (payload: Payload) => boolean,
  change: (payload: Payload) => Promise<Payload>,
): Promise<Payload[]> {
  if (!payloads.some(isMeant)) return payloads;
  return Promise.all(payloads.map((payload) => (isMeant(payload) ? change(payload) : Promise.resolve(payload))));
}

function isLarge({ data }: Payload): boolean {
  return (data?.length ?? 0) > PAYLOAD_LIMIT_BYTES;
}

function isReference({ metadata }: Payload): boolean {
  return metadata?.[REFERENCE_KEY] !== undefined;
}

async function putAway(blobs: BlobStore, { metadata, data }: Payload): Promise<Payload> {
  const content = data ?? new Uint8Array();
  const hash = await blobs.put(content);
  const reference = { blob: hash, bytes: content.length };
  return { metadata: { ...metadata, [REFERENCE_KEY]: textEncoder.encode(hash) }, data: textEncoder.encode(JSON.stringify(reference)) };
}

async function takeBack(blobs: BlobStore, { metadata }: Payload): Promise<Payload> {
  const { [REFERENCE_KEY]: hash, ...own } = metadata ?? {};
  return { metadata: own, data: await blobs.get(textDecoder.decode(hash)) };
}
