// A command as people see it: one request to a machine, from its beginning to its known or unknown outcome.

import type { ErrorRecord } from '../errors/error.js';
import type { Resolution } from '../inbox/inbox.js';
import type { Json, JsonObject } from '../json/json.js';

export type CommandStatus = 'issued' | 'running' | 'completed' | 'failed' | 'stopped' | 'uncertain' | 'resolved';

export interface Command {
  /** `runId/callPath/n/retry`. */
  readonly id: string;
  readonly callPath: string;
  readonly machine: string;
  /** PyLabRobot's name, for example `pick_up_tips`. */
  readonly method: string;
  readonly arguments: JsonObject;
  readonly status: CommandStatus;
  /** Grows only by an operator's decision. */
  readonly retry: number;
  /** Null where the command never reached the boundary of its machine. */
  readonly beganAt: string | null;
  readonly endedAt: string | null;
  readonly result?: Json;
  readonly error?: ErrorRecord;
  /** Status `resolved`: what a person said of it. */
  readonly resolution?: { readonly happened: Resolution['happened']; readonly by: string; readonly note: string; readonly at: string };
}
