// Items of the inbox that this workflow waits for: opening them, taking the first answer that fits, closing them.

import { ApplicationFailure, CancellationScope, condition, setHandler } from '@temporalio/workflow';
import type { CloseItemRequest, ControlActivities } from '../../activities/activity-types.js';
import { LabError } from '../../domain/errors/error.js';
import { isMadeTrue, isQuestion, requireAnswer, type GivenAnswer, type InboxSubject } from '../../domain/inbox/inbox.js';
import { BY_TIMEOUT } from '../../domain/inbox/question.js';
import type { CallLogOutbox } from './call-log.js';
import { throwAsLabError } from '../replay/translate-errors.js';
import { Rearm } from '../replay/operation.js';
import { answerUpdate } from './messages.js';
import { readWorkflowTimeMs } from '../replay/workflow-clock.js';

/** Answered items that are remembered, so that a second answer is told who was first. */
const REMEMBERED_ITEMS_MAX = 50;

export interface ItemRequest {
  readonly itemId: string;
  readonly callPath: string;
  readonly subject: InboxSubject;
  /** Opened by an earlier execution. */
  readonly isOpen: boolean;
  /** Runs the wait for the answer so that it may be left to the next execution; where it is missing, the wait ends by Rearm. */
  readonly leave?: <T>(wait: () => Promise<T>) => Promise<T>;
  /** Makes the answer true; where it throws, the answer is refused and the item stays open. Closing the item is part of it. */
  readonly accept?: (given: GivenAnswer) => Promise<void>;
}

export interface Inbox {
  /** Opens the item and waits for its answer, over continuations too; withdraws the item when cancelled. */
  ask(request: ItemRequest): Promise<GivenAnswer>;
  /** Nothing asks any more: an answer that still waits for somebody to make it true is refused. */
  close(): void;
  readonly carried: readonly CarriedItem[];
}

export interface CarriedItem {
  readonly itemId: string;
  readonly subject: InboxSubject;
  readonly answer?: GivenAnswer;
  readonly deadlineMs?: number;
}

export interface InboxWorld {
  readonly runId: string;
  readonly workflowId: string;
  readonly activities: Pick<ControlActivities, 'openItem' | 'closeItem'>;
  readonly callLog: CallLogOutbox;
  readonly isContinuing: () => boolean;
  readonly carried: readonly CarriedItem[];
}

interface Item {
  readonly itemId: string;
  readonly subject: InboxSubject;
  /** The first answer, from the moment it is looked at. */
  taken?: GivenAnswer | undefined;
  answer?: GivenAnswer | undefined;
  /** Workflow time at which nobody is asked any more; goes on while the run is paused. */
  readonly deadlineMs?: number | undefined;
  /** The operation that waits for it is there. */
  accept?: ((given: GivenAnswer) => Promise<void>) | undefined;
}

export function createInbox(world: InboxWorld): Inbox {
  const { runId, workflowId, activities, callLog } = world;
  const items = new Map<string, Item>();
  let isClosed = false;
  for (const { itemId, subject, answer, deadlineMs } of world.carried)
    items.set(itemId, { itemId, subject, taken: answer, answer, deadlineMs });

  const checkAnswer = (given: GivenAnswer): void => {
    const item = items.get(given.itemId);
    if (!item) throw toFailure(new LabError('ITEM_NOT_FOUND', { message: `Nothing waits for the answer to ${given.itemId}.` }));
    if (item.taken) throw ApplicationFailure.nonRetryable(`${item.taken.by} was first.`, 'ITEM_ANSWERED', item.taken);
    try {
      requireAnswer(item.subject, given.answer);
    } catch (error) {
      throw error instanceof LabError ? toFailure(error) : error;
    }
  };
  const takeAnswer = async (given: GivenAnswer): Promise<null> => {
    const item = items.get(given.itemId);
    if (!item) throw toFailure(new LabError('ITEM_NOT_FOUND'));
    item.taken = given;
    try {
      if (isMadeTrue(item.subject)) {
        // What the person says is made true before anybody is told that it was accepted.
        // Cleanups of a cancelled run may be in doubt too, so nothing of it is part of what was cancelled.
        await CancellationScope.nonCancellable(async () => {
          await condition(() => item.accept !== undefined || isClosed);
          if (!item.accept) throw new LabError('ITEM_NOT_FOUND', { message: `Nothing waits for the answer to ${given.itemId} any more.` });
          await item.accept(given);
        });
      }
    } catch (error) {
      item.taken = undefined;
      throw refuse(error);
    }
    item.answer = { ...given, answer: requireAnswer(item.subject, given.answer) };
    return null;
  };
  setHandler(answerUpdate, takeAnswer, { validator: checkAnswer });

  const open = async (item: { itemId: string; callPath: string; subject: InboxSubject }): Promise<void> => {
    const calls = callLog.take();
    try {
      await activities.openItem({ ...item, runId, workflowId, calls: calls ?? null });
    } catch (error) {
      // The run was cancelled, and the item may never have been opened.
      if (calls) callLog.putBack(calls);
      throw error;
    }
    if (calls) callLog.noteArrival(calls);
  };
  const waitForAnswer = async (item: Item, mayBeLeft: boolean): Promise<GivenAnswer> => {
    const isOver = (): boolean => item.answer !== undefined || (!mayBeLeft && world.isContinuing());
    if (item.deadlineMs === undefined) await condition(isOver);
    else if (!(await waitUntil(isOver, item.deadlineMs))) await endByTimeout(item);
    if (item.answer === undefined) throw new Rearm({ isOpen: true });
    return item.answer;
  };
  /** Whoever is answering just then may still be first. */
  const endByTimeout = async (item: Item): Promise<void> => {
    await condition(() => item.taken === undefined || item.answer !== undefined);
    if (item.answer !== undefined) return;
    const timeout = isQuestion(item.subject) ? item.subject.timeout : undefined;
    if (timeout?.answer === undefined) throw new LabError('ANSWER_TIMEOUT', { message: `Nobody answered in time: ${item.subject.text}` });
    const given = { itemId: item.itemId, answer: timeout.answer, by: BY_TIMEOUT, note: '', atMs: readWorkflowTimeMs() };
    item.taken = given;
    item.answer = given;
  };

  return {
    ask: async ({ itemId, callPath, subject, isOpen, accept, leave }) => {
      const item: Item = items.get(itemId) ?? { itemId, subject, deadlineMs: toDeadlineMs(subject) };
      items.set(itemId, item);
      item.accept = accept;
      // No cancel takes back that a person was told: accepted.
      const close = (request: CloseItemRequest): Promise<void> => CancellationScope.nonCancellable(() => activities.closeItem(request));
      const keepAnswer = async (given: GivenAnswer): Promise<void> => {
        if (!accept || given.by === BY_TIMEOUT) await close({ itemId, runId, status: 'answered', given });
        forgetOldest(items);
      };
      let given: GivenAnswer;
      try {
        if (!isOpen) await open({ itemId, callPath, subject });
        given = await (leave?.(() => waitForAnswer(item, true)) ?? waitForAnswer(item, false));
      } catch (error) {
        if (error instanceof Rearm) throw error;
        // What a person has said may just be made true, and they are told that it was accepted.
        await CancellationScope.nonCancellable(() => condition(() => item.taken === undefined || item.answer !== undefined));
        if (item.answer !== undefined) await keepAnswer(item.answer);
        else {
          items.delete(itemId);
          await close({ itemId, runId, status: 'withdrawn', ...(error instanceof LabError && { note: error.message }) });
        }
        throw error;
      }
      await keepAnswer(given);
      return given;
    },
    close: () => {
      isClosed = true;
    },
    get carried() {
      return [...items.values()].map(({ itemId, subject, answer, deadlineMs }) => ({
        itemId,
        subject,
        ...(answer && { answer }),
        ...(deadlineMs !== undefined && { deadlineMs }),
      }));
    },
  };
}

function toDeadlineMs(subject: InboxSubject): number | undefined {
  return isQuestion(subject) && subject.timeout !== undefined ? readWorkflowTimeMs() + subject.timeout.afterMs : undefined;
}

/** False where the time came first. */
async function waitUntil(holds: () => boolean, atMs: number): Promise<boolean> {
  const leftMs = atMs - readWorkflowTimeMs();
  return leftMs > 0 ? condition(holds, Math.max(1, Math.ceil(leftMs))) : holds();
}

function forgetOldest(items: Map<string, Item>): void {
  const answered = [...items.values()].filter(({ answer }) => answer !== undefined);
  for (const { itemId } of answered.slice(0, Math.max(0, answered.length - REMEMBERED_ITEMS_MAX))) items.delete(itemId);
}

function refuse(error: unknown): unknown {
  try {
    return throwAsLabError(error, 'The answer');
  } catch (translated) {
    return translated instanceof LabError ? toFailure(translated) : translated;
  }
}

function toFailure(error: LabError): ApplicationFailure {
  return ApplicationFailure.nonRetryable(error.message, error.code);
}
