// Questions of a protocol to a person, as tracked operations that wait in the inbox.

import type { Question } from '../domain/inbox.js';
import { isJsonObject, type Json } from '../domain/json.js';
import { toJson } from '../protocols/sdk/codec.js';
import type { Ask } from '../protocols/sdk/run.js';
import type { Engine } from './engine.js';
import { findScope, isLeftOver, nextOperation, waitForEver, type Scope } from './scope.js';
import { waitAbandonably } from './timing.js';

export function createAsk(engine: Engine, call: Scope): Ask {
  const put = (question: Question): Promise<Json> => {
    const scope = findScope(call);
    if (isLeftOver(scope)) return waitForEver();
    const { id, isLone } = nextOperation(scope, 'q');
    const itemId = `${engine.input.runId}/${id.replace('#', '/')}`;
    const wait = async (carried: Json | undefined): Promise<Json> => {
      const isOpen = isJsonObject(carried) && carried['isOpen'] === true;
      return (await engine.inbox.ask({ itemId, callPath: scope.call.path, subject: question, isOpen })).answer;
    };
    return waitAbandonably(engine, scope, { id, isLone, wait });
  };
  const withDetails = (details: Json | undefined): { details: Json } | object => (details === undefined ? {} : { details: toJson(details, 'the details of a question') });
  return Object.freeze<Ask>({
    confirm: (text, options = {}) => put({ kind: 'confirm', text, ...withDetails(options.details) }) as Promise<boolean>,
    choose: (text, choices, options = {}) => put({ kind: 'choose', text, choices, ...withDetails(options.details) }) as Promise<never>,
    number: (text, { unit, min, max, details } = {}) =>
      put({ kind: 'number', text, ...(unit !== undefined && { unit }), ...(min !== undefined && { min }), ...(max !== undefined && { max }), ...withDetails(details) }) as Promise<number>,
    text: (text, options = {}) => put({ kind: 'text', text, ...withDetails(options.details) }) as Promise<string>,
  });
}
