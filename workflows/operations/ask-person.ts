// Questions of a protocol to a person, as tracked operations that wait in the inbox.

import { toItemId } from '../../domain/values/ids.js';
import { isJsonObject, type Json } from '../../domain/json/json.js';
import { isHandWork, type Question } from '../../domain/inbox/question.js';
import { createAskWith, type Ask } from '../../protocols/sdk/ask.js';
import type { Engine } from '../execution/engine.js';
import type { ItemRequest } from '../execution/inbox.js';
import type { UnderWay } from '../replay/operation.js';
import { findScope, isLeftOver, nextOperation, waitForEver, type Scope } from '../replay/scope.js';
import { waitAbandonably } from './delay.js';

export function createAsk(engine: Engine, call: Scope): Ask {
  const put = (question: Question): Promise<Json> => {
    const scope = findScope(call);
    if (isLeftOver(scope)) return waitForEver();
    const { id } = nextOperation(scope, 'q');
    const itemId = toItemId(engine.input.runId, id);
    const wait = async (carried: Json | undefined, underWay: UnderWay): Promise<Json> => {
      const isOpen = isJsonObject(carried) && carried['isOpen'] === true;
      const given = await engine.inbox.ask({
        itemId,
        callPath: scope.call.path,
        subject: question,
        isOpen,
        leave: (waiting) => underWay.mayBeLeft({ isFree: true, carry: () => ({ isOpen: true }) }, waiting),
        ...toAccept(engine, question),
      });
      return given.answer;
    };
    return waitAbandonably(engine, scope, { id, what: ['ask', question as unknown as Json], wait });
  };
  return createAskWith(put, engine.input.timeScale ?? 1);
}

/** What a person did with their hands is true in the bridge before the protocol goes on. */
function toAccept({ activities, input }: Engine, question: Question): Pick<ItemRequest, 'accept'> {
  if (!isHandWork(question)) return {};
  const { labware = [], to = null } = question;
  return { accept: (given) => activities.endHandWork({ runId: input.runId, labware, to, given }) };
}
