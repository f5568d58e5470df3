// What the open children of a workflow know of its control. Each is sent the whole state whenever it changes; the next
// execution goes on from what each child has acknowledged.

import { getExternalWorkflowHandle } from '@temporalio/workflow';
import type { ControlState } from '../../domain/runs/control.js';
import { controlSignal } from './messages.js';
import type { OutgoingMessages } from './outgoing-messages.js';

export type ToldControl = Pick<ControlState, 'rev' | 'cancel'>;

export interface ToldChildren {
  /** A child that runs: it hears of every change, and of what it does not know yet. */
  add(workflowId: string, known: ToldControl, state: ControlState): void;
  /** Cancels one child alone; one that is only being started hears of it as soon as it runs. False where nobody of that name is there. */
  cancel(workflowId: string, state: ControlState): Promise<boolean>;
  remove(workflowId: string): void;
  has(workflowId: string): boolean;
  list(): readonly string[];
  tellAll(state: ControlState): void;
  /** What a child knows for certain. */
  toldOf(workflowId: string): ToldControl;
}

export function createToldChildren(messages: OutgoingMessages): ToldChildren {
  const children = new Map<string, ToldControl>();
  /** Ids of children that were cancelled before they ran: a message may have found nobody. */
  const unheard = new Set<string>();
  const tell = async (workflowId: string, state: ControlState): Promise<boolean> => {
    const isThere = await messages.send(() => getExternalWorkflowHandle(workflowId).signal(controlSignal, state));
    const known = children.get(workflowId);
    if (known) children.set(workflowId, { rev: Math.max(known.rev, state.rev), cancel: known.cancel || state.cancel });
    return isThere;
  };
  return {
    add: (workflowId, { rev, cancel }, state) => {
      children.set(workflowId, { rev, cancel });
      const wanted = { ...state, cancel: unheard.delete(workflowId) || state.cancel };
      if (rev < state.rev || cancel !== wanted.cancel) void tell(workflowId, wanted);
    },
    cancel: (workflowId, state) => {
      if (!children.has(workflowId)) unheard.add(workflowId);
      return tell(workflowId, { ...state, cancel: true });
    },
    remove: (workflowId) => {
      children.delete(workflowId);
    },
    has: (workflowId) => children.has(workflowId),
    list: () => [...children.keys()],
    tellAll: (state) => {
      for (const workflowId of children.keys()) void tell(workflowId, state);
    },
    toldOf: (workflowId) => children.get(workflowId) ?? { rev: 0, cancel: false },
  };
}
