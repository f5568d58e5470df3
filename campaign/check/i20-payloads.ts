// I20: nothing large travels through Temporal, and whatever a history only names can be read.

import type { Invariant } from './evidence.js';

const PAYLOAD_LIMIT_BYTES = 16 * 1024;
const HASH_SHOWN_CHARACTERS = 12;

export const payloads: Invariant = {
  id: 'I20',
  says: 'No payload of a history is larger than 16 KiB, and each value that one names is there, whole.',
  check: ({ executions }) =>
    executions.flatMap(({ workflowId, executionId, largestPayload: { bytes, event }, blobs }) => [
      ...(bytes <= PAYLOAD_LIMIT_BYTES
        ? []
        : [{ what: `${workflowId} (${executionId}) holds ${bytes} bytes in one payload of ${event}.`, tape: [] }]),
      ...blobs
        .filter(({ isThere }) => !isThere)
        .map(({ hash }) => ({
          what: `${workflowId} (${executionId}) names the value ${hash.slice(0, HASH_SHOWN_CHARACTERS)}, which is not there, or not what its name says.`,
          tape: [],
        })),
    ]),
};
