// Brings a person's answer to the workflow that waits for it. The workflow decides which answer is first; the row of
// the item only saves asking it in vain.

import { createHash } from 'node:crypto';
import type { TemporalClient } from '../temporal/temporal-client.js';
import type { AnswerOutcome } from '../temporal/workflow-outcomes.js';
import type { Database } from '../../db/connection/connect-database.js';
import { acknowledgeAlarm } from '../../db/inbox/alarm.queries.js';
import { getItem, type HeldItem } from '../../db/inbox/inbox.queries.js';
import { isErrorCode, LabError } from '../../domain/errors/error.js';
import { requireAnswer, type GivenAnswer, type InboxItem } from '../../domain/inbox/inbox.js';
import { readAnswer } from '../../domain/inbox/read-answer.js';
import { toCanonicalJson, type Json } from '../../domain/json/json.js';

export interface AnswerWorld {
  readonly db: Database;
  readonly temporal: Pick<TemporalClient, 'answerItem' | 'isReachable'>;
  readonly now: () => number;
}

/** Refusals that the same answer meets again, whenever it is given. */
const LASTING_REFUSALS: ReadonlySet<string> = new Set(['ITEM_NOT_FOUND', 'ITEM_ANSWERED', 'ANSWER_TYPE', 'VALUE_TOO_LARGE']);

/**
 * The item with its answer, once the workflow has it. The same answer again is no second one. Throws ITEM_NOT_FOUND,
 * ANSWER_TYPE, VALUE_TOO_LARGE, ITEM_ANSWERED, ITEM_WITHDRAWN, and NO_WORKER or TEMPORAL_UNAVAILABLE where nobody took the answer,
 * WORKCELL_SILENT where it is not known yet whether it holds, and the refusal of the workflow, for example BAD_STATEMENT.
 */
export async function answerItem(world: AnswerWorld, itemId: string, wish: { answer: Json; note: string; by: string }): Promise<InboxItem> {
  const { workflowId, ...item } = await requireItem(world.db, itemId);
  const answer = requireAnswer(item.subject, readAnswer(item.subject, wish.answer));
  if (item.status !== 'open') return requireSameAnswer(item, { ...wish, answer });
  const given: GivenAnswer = { itemId, answer, by: wish.by, note: wish.note, atMs: world.now() };
  if (workflowId === null) return await acknowledge(world, item, given);
  await demandAccepted(world, await bringAnswer(world, workflowId, given), item);
  const known = await getItem(world.db, itemId);
  if (known?.status === 'answered') return withoutWorkflow(known);
  // The workflow has the answer; its row follows.
  return {
    ...item,
    status: 'answered',
    answer,
    answeredBy: given.by,
    answeredAt: new Date(given.atMs).toISOString(),
    ...(given.note !== '' && { note: given.note }),
  };
}

/** No workflow waits for an alarm: the first who acknowledges it is found in Postgres. */
async function acknowledge({ db }: AnswerWorld, item: InboxItem, given: GivenAnswer): Promise<InboxItem> {
  const isFirst = await acknowledgeAlarm(db, given);
  const known = withoutWorkflow(await requireItem(db, item.id));
  return isFirst ? known : requireSameAnswer(known, given);
}

export async function requireItem(db: Database, itemId: string): Promise<HeldItem> {
  const item = await getItem(db, itemId);
  if (item) return item;
  throw new LabError('ITEM_NOT_FOUND', { message: `There is no inbox item '${itemId}'.`, field: 'id' });
}

export function withoutWorkflow({ workflowId: _, ...item }: HeldItem): InboxItem {
  return item;
}

function requireSameAnswer(item: InboxItem, { answer, note, by }: { answer: Json; note: string; by: string }): InboxItem {
  if (item.status === 'withdrawn') {
    throw new LabError('ITEM_WITHDRAWN', { message: 'The run went on or ended without an answer to this item.', field: 'id' });
  }
  // An alarm has one answer only; what the person wrote with it tells a repeated request from another one.
  const isSameNote = item.subject.kind !== 'alarm' || (item.note ?? '') === note;
  const isSame = isSameNote && item.answeredBy === by && toCanonicalJson(item.answer ?? null) === toCanonicalJson(answer);
  if (isSame) return item;
  throw describeFirst({ by: item.answeredBy ?? 'somebody', at: item.answeredAt, answer: item.answer ?? null });
}

async function bringAnswer({ temporal }: AnswerWorld, workflowId: string, given: GivenAnswer): Promise<AnswerOutcome> {
  const bring = (updateId: string): Promise<AnswerOutcome> =>
    temporal.answerItem(workflowId, given, updateId).catch((error: unknown) => {
      throw new LabError('TEMPORAL_UNAVAILABLE', { cause: error });
    });
  const updateId = toUpdateId(given);
  const outcome = await bring(updateId);
  // An update keeps its refusal for ever, but what a statement contradicted may have been mended since.
  return outcome.outcome === 'refused' && !LASTING_REFUSALS.has(outcome.code) ? bring(`${updateId}.${given.atMs}`) : outcome;
}

async function demandAccepted({ temporal }: AnswerWorld, outcome: AnswerOutcome, item: InboxItem): Promise<void> {
  switch (outcome.outcome) {
    case 'accepted':
      return;
    case 'missing':
      throw new LabError('ITEM_WITHDRAWN', { message: 'What asked this has ended.', field: 'id' });
    case 'silent':
      if (!(await temporal.isReachable())) throw new LabError('TEMPORAL_UNAVAILABLE');
      throw new LabError('NO_WORKER', {
        message: `No worker of run ${item.runId} took the answer within 2 s.`,
        remedy: 'Start a workflow worker, or restart the lab; then answer again: the same answer counts once.',
      });
    case 'unsettled':
      throw new LabError('WORKCELL_SILENT', {
        message: 'The run has the answer, but the workcell has not confirmed it yet.',
        remedy: 'See whether the item is answered with: praxis inbox --all; the same answer may be given again.',
      });
    case 'refused': {
      const { code, message, first } = outcome;
      if (code === 'ITEM_ANSWERED' && first !== undefined) {
        throw describeFirst({ by: first.by, at: new Date(first.atMs).toISOString(), answer: first.answer });
      }
      throw new LabError(isErrorCode(code) ? code : 'INTERNAL', {
        message,
        field: code === 'ANSWER_TYPE' || code === 'VALUE_TOO_LARGE' ? 'answer' : 'id',
      });
    }
  }
}

function describeFirst(first: { by: string; at: string | undefined; answer: Json }): LabError {
  const when = first.at === undefined ? '' : ` at ${first.at}`;
  return new LabError('ITEM_ANSWERED', { message: `${first.by} answered this${when} with ${JSON.stringify(first.answer)}.`, field: 'id' });
}

/** Equal for equal answers of one person, so that a repeated request is the same update. */
function toUpdateId({ itemId, by, answer }: GivenAnswer): string {
  return createHash('sha256')
    .update(toCanonicalJson([itemId, by, answer]))
    .digest('hex')
    .slice(0, 40);
}
