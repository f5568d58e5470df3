// Questions of a rehearsal: answered at once, by what was given for them or else by the answer that lets the run go on. What
// a person would do with their hands is done to the simulators.

import { LabError } from '../../domain/errors/error.js';
import type { Json } from '../../domain/json/json.js';
import { checkParameters } from '../../domain/protocols/parameter.js';
import { isHandWork, requireQuestionAnswer, type Question } from '../../domain/inbox/question.js';
import { createAskWith, type Ask } from '../../protocols/sdk/ask.js';
import { findScope, isLeftOver, nextOperation, waitForEver, type Scope } from '../replay/scope.js';
import { askBridge, type Stage } from './stage.js';

const ASSUMED_TEXT = 'rehearsal';
const FENCE = 1;

export function createRehearsedAsk(stage: Stage, call: Scope): Ask {
  const put = (question: Question): Promise<Json> => {
    const scope = findScope(call);
    if (isLeftOver(scope)) return waitForEver();
    const { id } = nextOperation(scope, 'q');
    return stage.gate.step<Json>({
      id,
      what: ['ask', question as unknown as Json],
      isShielded: false,
      run: () => answer(stage, { id, callPath: scope.call.path, question }),
    });
  };
  return createAskWith(put, 1);
}

async function answer(stage: Stage, { id, callPath, question }: { id: string; callPath: string; question: Question }): Promise<Json> {
  const { answers, record } = stage;
  const given = answers[record.questions.length];
  const isAssumed = given === undefined;
  const kept = requireQuestionAnswer(question, isAssumed ? assume(question) : given);
  record.questions.push({ callPath, kind: question.kind, text: question.text, answer: kept, isAssumed });
  if (isAssumed && (question.kind === 'number' || question.kind === 'text')) {
    record.warnings.add(`'${question.text}' was answered with ${JSON.stringify(kept)}; give another answer with --answer.`);
  }
  if (isHandWork(question) && kept === true) await doByHand(stage, id, question);
  return kept;
}

/** The answer with which a run most likely goes on. */
function assume(question: Question): Json {
  switch (question.kind) {
    case 'confirm':
    case 'manual-move':
    case 'refill':
      return true;
    case 'choose':
      return question.choices?.[0] ?? '';
    case 'text':
      return ASSUMED_TEXT;
    case 'number':
      return Math.min(Math.max(0, question.min ?? -Infinity), question.max ?? Infinity);
    case 'form': {
      const { values, problems } = checkParameters(question.fields ?? {}, {});
      if (problems.length === 0) return values;
      throw new LabError('ANSWER_TYPE', {
        message: `Nobody has filled in the form '${question.text}', and not all of its fields have defaults.`,
        remedy: 'Give its answer as JSON with --answer.',
      });
    }
  }
}

async function doByHand(stage: Stage, id: string, { labware = [], to }: Question): Promise<void> {
  const { runId } = stage.input;
  if (to === undefined) {
    await askBridge(stage, 'labware.replace', { requestId: `${runId}/${id}`, runId, labware, fence: FENCE });
    return;
  }
  for (const item of labware) {
    await askBridge(stage, 'labware.place', {
      requestId: `${runId}/${id}/${item}`,
      labware: item,
      location: to,
      fence: FENCE,
      by: stage.input.user,
      note: 'rehearsal',
    });
  }
}
