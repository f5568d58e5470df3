// Ids that join the layers: commands, workflows, task queues.

import { shortenText } from '../text/short-text.js';

/** Of a path inside an id: ids with all that is put in front and behind stay below the 500 characters that the bridge takes. */
const PATH_LIMIT_CHARACTERS = 380;

/** `runId/callPath/n/retry`: the same at every replay, attempt and restart. */
export function toCommandId(parts: { runId: string; callPath: string; n: number; retry: number }): string {
  return `${parts.runId}/${shortenText(parts.callPath, PATH_LIMIT_CHARACTERS)}/${parts.n}/${parts.retry}`;
}

/** Item of the inbox behind an operation of the run. */
export function toItemId(runId: string, operationId: string): string {
  return `${runId}/${shortenText(operationId.replace('#', '/'), PATH_LIMIT_CHARACTERS)}`;
}

/** Request by which a run's simulated consumables are made fresh, once, whoever asks. */
export function toReleaseRequestId(runId: string): string {
  return `${runId}/release`;
}

/** Queue of the workflow workers that hold one version of protocol source. */
export function toProtocolQueue(bundle: string): string {
  return `px.${bundle}`;
}

/** Queue of the calculations (calls of kind `activity`) of the runs on a protocol queue. */
export function toCalculationQueue(protocolQueue: string): string {
  return `${protocolQueue}.calc`;
}

/** Queue of a workcell's commands, and the one beside it that never waits behind a motion. */
export function toCommandQueue(workcell: string): string {
  return `workcell.${workcell}`;
}

export function toControlQueue(workcell: string): string {
  return `workcell.${workcell}.ctl`;
}

/** Signal that tells a waiting run to ask for its assets again. */
export const ASSETS_FREED_SIGNAL = 'px.assetsFreed';
