// `praxis rehearse`: what a run would do and need, and where it would fail.

import { EXIT_OK, EXIT_RUN_FAILED } from '../terminal/exit.js';
import { parseAssignments } from '../terminal/parse-assignments.js';
import { readParameters, type ParameterOptions } from '../terminal/read-parameters.js';
import { renderRehearsal } from '../render/render-rehearsal.js';
import type { JsonOption, World } from '../client/world.js';
import type { Json } from '../../domain/json/json.js';

/** Above what the API itself allows a rehearsal, so that its own answer is what people see. */
const ANSWER_TIMEOUT_MS = 6 * 60_000;

export interface RehearseOptions extends JsonOption, ParameterOptions {
  readonly asset: readonly string[];
  readonly answer: readonly string[];
  readonly versionOfProtocol?: string;
  readonly full?: boolean;
}

export async function rehearseProtocol({ api, terminal, printJson }: World, protocol: string, options: RehearseOptions): Promise<number> {
  const version = options.versionOfProtocol;
  const isFull = options.full === true;
  const request = {
    ...(version !== undefined && { version }),
    ...readParameters(options),
    assets: parseAssignments('--asset', options.asset),
    answers: options.answer.map(parseAnswer),
    isFull,
  };
  if (options.json !== true) terminal.status(`Rehearsing ${protocol}; a long one takes minutes …`);
  const report = await api.rehearseProtocol({ params: { name: protocol }, body: request }, { timeoutMs: ANSWER_TIMEOUT_MS });
  if (options.json !== true) terminal.status('');
  if (options.json === true) printJson(report);
  else for (const line of renderRehearsal(report, { isFull, terminal })) terminal.line(line);
  return report.isOk ? EXIT_OK : EXIT_RUN_FAILED;
}

/** yes and no, numbers and JSON as such; all else is text. */
function parseAnswer(text: string): Json {
  if (text === 'yes' || text === 'no') return text === 'yes';
  try {
    return JSON.parse(text) as Json;
  } catch {
    // A text without quotes.
    return text;
  }
}
