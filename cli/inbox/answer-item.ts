// `praxis answer`: answers a question of a run, or states what an uncertain command did.

import { EXIT_BAD_INPUT, EXIT_OK } from '../terminal/exit.js';
import { findItem } from '../client/find-item.js';
import { askAndAnswer, describe } from './ask-answer.js';
import { parseAnswer, type AnswerOptions } from './parse-answer.js';
import { renderItem } from '../render/render-item.js';
import type { JsonOption, World } from '../client/world.js';

export interface AnswerCommandOptions extends JsonOption, AnswerOptions {
  readonly note?: string;
  readonly yes?: boolean;
}

export async function answerItem(
  world: World,
  given: { item: string; value: string | undefined },
  options: AnswerCommandOptions,
): Promise<number> {
  const { api, terminal, printJson } = world;
  const item = await findItem(api, given.item);
  if (options.json !== true) for (const line of renderItem(item, terminal)) terminal.line(line);
  const person = options.json === true ? null : world.person;
  if (person !== null && given.value === undefined && isUnsaid(options)) {
    const answered = await askAndAnswer({ api, terminal, person }, item, options.note);
    terminal.line(answered === null ? 'Nothing was answered.' : `answered ${JSON.stringify(answered.answer)}`);
    return answered === null ? EXIT_BAD_INPUT : EXIT_OK;
  }
  const answer = parseAnswer(item.subject, given.value, options);
  if (person !== null && options.yes !== true && !(await person.confirm(`Answer with ${describe(answer)}?`))) {
    terminal.line('Nothing was answered.');
    return EXIT_BAD_INPUT;
  }
  const answered = await api.answerInboxItem({ params: { id: item.id }, body: { answer, note: options.note ?? '' } });
  if (options.json === true) printJson(answered);
  else terminal.line(`answered ${JSON.stringify(answered.answer)}`);
  return EXIT_OK;
}

/** The line has no part of an answer, so that all of it is asked for. */
function isUnsaid({ happened, then, set = [], tip = [], channel = [], result }: AnswerOptions): boolean {
  return [happened, then, result].every((each) => each === undefined) && set.length + tip.length + channel.length === 0;
}
