// Workflow time: what Temporal's sandbox answers for Date.now(), the same under replay.

/** Temporal's, from before author code gets its own. */
// eslint-disable-next-line no-restricted-globals -- inside the sandbox this is workflow time; every other file asks here
export const CapturedDate = Date;

/** Milliseconds since 1970 at which the current workflow task began. */
export function readWorkflowTimeMs(): number {
  return CapturedDate.now();
}
