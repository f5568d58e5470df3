// The supervisor's way to a Temporal server: over gRPC, which no web page can speak. Asks whether it serves, and sets how
// long ended workflows are kept.

import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';

const REQUEST_TIMEOUT_MS = 2_000;
/** A server that is just starting must be found at once; the default waits up to two minutes between attempts. */
const RECONNECT_MS = { 'grpc.initial_reconnect_backoff_ms': 50, 'grpc.min_reconnect_backoff_ms': 50, 'grpc.max_reconnect_backoff_ms': 200 };

export interface TemporalGate {
  /** The namespace is served; a port is open long before. */
  isServing(): Promise<boolean>;
  /** The server answers, also where the namespace is not made yet. */
  isUp(): Promise<boolean>;
  keepEndedWorkflows(forMs: number): Promise<void>;
  close(): Promise<void>;
}

export function openTemporalGate({ port, namespace }: { port: number; namespace: string }): TemporalGate {
  const connection = Connection.lazy({ address: `127.0.0.1:${port}`, interceptors: [], channelArgs: RECONNECT_MS });
  const ask = <T>(work: () => Promise<T>): Promise<T> => connection.withDeadline(Date.now() + REQUEST_TIMEOUT_MS, work);
  const { workflowService } = connection;
  return {
    isServing: () => isAnswered(ask(() => workflowService.describeNamespace({ namespace }))),
    isUp: () => isAnswered(ask(() => workflowService.getClusterInfo({}))),
    keepEndedWorkflows: async (forMs) => {
      await ask(() => workflowService.updateNamespace({ namespace, config: { workflowExecutionRetentionTtl: msToTs(forMs) } }));
    },
    close: () => connection.close(),
  };
}

/** Opens a gate for as long as the work takes. */
export async function withTemporalGate<T>(
  place: { port: number; namespace: string },
  work: (gate: TemporalGate) => Promise<T>,
): Promise<T> {
  const gate = openTemporalGate(place);
  try {
    return await work(gate);
  } finally {
    await gate.close();
  }
}

async function isAnswered(answer: Promise<unknown>): Promise<boolean> {
  try {
    await answer;
    return true;
  } catch {
    // Not listening yet, or silent; the caller asks again until its deadline.
    return false;
  }
}
