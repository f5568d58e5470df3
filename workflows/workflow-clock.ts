// Workflow time: what Temporal's sandbox answers for Date.now(), the same under replay.

/** Milliseconds since 1970 at which the current workflow task began. */
export function readWorkflowTimeMs(): number {
  // eslint-disable-next-line no-restricted-globals -- inside the sandbox this is workflow time; every other file asks here
  return Date.now();
}
