// What the activities of an engine under test were asked for.

import type {
  CloseItemRequest,
  FinishRequest,
  HandWorkRequest,
  OpenItemRequest,
  RecoverRequest,
  ResolveRequest,
} from '../../activities/activity-types.js';
import type { CallEntry } from '../../domain/runs/call.js';
import type { Asked as AskedBy, ControlState } from '../../domain/runs/control.js';
import type { CommandRequest } from '../../domain/wire/wire.js';

/** All that the workflows asked for, in order. */
export interface Asked {
  readonly commands: CommandRequest[];
  /** Ids of commands that were asked for again; whose driver was to stop; and of which an activity let go, with the reason it was told. */
  readonly attached: string[];
  readonly stopped: string[];
  readonly left: string[];
  /** With who asked for it, where a person did. */
  readonly controls: (ControlState & { readonly asked?: AskedBy })[];
  readonly items: OpenItemRequest[];
  readonly closed: CloseItemRequest[];
  readonly resolved: ResolveRequest[];
  readonly recovered: RecoverRequest[];
  readonly handWork: HandWorkRequest[];
  readonly finished: FinishRequest[];
  readonly entries: Map<string, CallEntry>;
  /** Every call log that travelled, and what it weighed. */
  readonly logs: { readonly runId: string; readonly bytes: number }[];
  /** Runs of which results were read again, each time they were. */
  readonly reads: string[];
  /** Sections that hold the reader now, and all that ever did. */
  readonly inUse: Set<string>;
  readonly uses: string[];
  /** Sections that were ended, or whose wait was. */
  readonly released: string[];
  /** Of those, the ones that left their machines in doubt. */
  readonly doubts: { readonly runId: string; readonly useId: string; readonly doubt: string }[];
}
