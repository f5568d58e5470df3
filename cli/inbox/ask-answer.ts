// Asks the person at the terminal for the answer to an item, as its kind wants it, and for a yes before it is given. An item that somebody else
// answers meanwhile, or that its run takes back, is asked no more.

import { CliError, EXIT_BAD_INPUT } from '../terminal/exit.js';
import { describeDefault } from '../render/describe-default.js';
import { parseAnswer, type AnswerOptions } from './parse-answer.js';
import type { ApiClient } from '../client/api-client.js';
import type { Person } from '../terminal/ask-person.js';
import type { Terminal } from '../terminal/terminal.js';
import { isQuestion, WINDOW_ANSWERS, type InboxItem, type InboxSubject } from '../../domain/inbox/inbox.js';
import type { Json } from '../../domain/json/json.js';
import { describeSpec, type ParameterSpec } from '../../domain/protocols/parameter.js';

/** So often it is looked whether the item is still open. */
const LOOK_EVERY_MS = 2_000;

interface Typed {
  readonly value?: string | undefined;
  readonly options?: AnswerOptions;
  readonly note?: string;
}

/** Where a person is asked: the item is shown by who calls. */
export interface Asking {
  readonly api: ApiClient;
  readonly terminal: Terminal;
  readonly person: Person;
}

/** The answered item, or null where nothing was given or the item is not open any more. What the lab refuses is said, and asked again. */
export async function askAndAnswer({ api, terminal, person }: Asking, item: InboxItem, note = ''): Promise<InboxItem | null> {
  const closed = new AbortController();
  const looking = setInterval(() => {
    api.getInboxItem({ params: { id: item.id } }).then(
      ({ status }) => {
        if (status !== 'open') closed.abort();
      },
      // Away for a moment: the question stands.
      () => undefined,
    );
  }, LOOK_EVERY_MS);
  const asked: Person = {
    ask: (question) => person.ask(question, closed.signal),
    confirm: (question) => person.confirm(question, closed.signal),
  };
  try {
    for (;;) {
      const typed = await askFor(asked, terminal, item.subject);
      if (typed === null) return null;
      try {
        const answer = parseAnswer(item.subject, typed.value, typed.options ?? {});
        if (!(await asked.confirm(`Answer with ${describe(answer)}?`))) return null;
        return await api.answerInboxItem({ params: { id: item.id }, body: { answer, note: note === '' ? (typed.note ?? '') : note } });
      } catch (error) {
        if (!(error instanceof CliError) || error.exitCode !== EXIT_BAD_INPUT || closed.signal.aborted) throw error;
        terminal.line(terminal.paint('red', `${error.message}${error.remedy === undefined ? '' : ` ${error.remedy}`}`));
      }
    }
  } finally {
    clearInterval(looking);
  }
}

export function describe(answer: Json): string {
  return answer === true ? 'yes' : answer === false ? 'no' : typeof answer === 'string' ? `'${answer}'` : JSON.stringify(answer);
}

/** Null where the first thing asked for was left empty: the person leaves the item to somebody else. */
async function askFor(person: Person, terminal: Terminal, subject: InboxSubject): Promise<Typed | null> {
  if (subject.kind === 'uncertain-command') return askResolution(person);
  if (subject.kind === 'machine-error') return askRecovery(person);
  if (subject.kind === 'form') return askForm(person, subject.fields ?? {});
  const value = await person.ask(subject.kind === 'choose' ? askChoice(terminal, subject.choices ?? []) : `${describeWanted(subject)}:`);
  if (value === '') return null;
  const numbered = subject.kind === 'choose' && /^\d+$/u.test(value) ? subject.choices?.[Number(value) - 1] : undefined;
  const isNamed = subject.kind === 'choose' && subject.choices?.includes(value) === true;
  return { value: isNamed ? value : (numbered ?? value) };
}

function askChoice(terminal: Terminal, choices: readonly string[]): string {
  for (const [k, choice] of choices.entries()) terminal.line(`  ${k + 1}  ${choice}`);
  return 'choice or its number:';
}

function describeWanted(subject: InboxSubject): string {
  if (subject.kind === 'time-window') return WINDOW_ANSWERS.join(' or ');
  if (subject.kind === 'number') return describeSpec({ ...subject, type: 'number' });
  if (subject.kind === 'text') return 'text';
  return subject.kind === 'alarm' ? 'yes acknowledges it' : 'yes or no';
}

/** Field by field; one that is left empty takes its default. */
async function askForm(person: Person, fields: Readonly<Record<string, ParameterSpec>>): Promise<Typed> {
  const set: string[] = [];
  for (const [name, spec] of Object.entries(fields)) {
    const standard = spec.default === undefined ? '' : ` [${describeDefault(spec)}]`;
    const text = await person.ask(`${name} (${describeSpec(spec)})${standard}:`);
    if (text !== '') set.push(`${name}=${text}`);
  }
  return { options: { set } };
}

async function askRecovery(person: Person): Promise<Typed | null> {
  const then = await person.ask('retry, skip or abort:');
  if (then === '') return null;
  return { value: then, options: await askFacts(person), note: await person.ask('what you did, for the record:') };
}

async function askResolution(person: Person): Promise<Typed | null> {
  const happened = await person.ask('What happened: done, not-done or partly?');
  if (happened === '') return null;
  const then = await person.ask('And then: retry, skip or abort?');
  const facts = await askFacts(person);
  return { options: { happened, then, ...facts }, note: await person.ask('what you saw, for the record:') };
}

/** What is not as Praxis believes it to be. */
async function askFacts(person: Person): Promise<AnswerOptions> {
  const collect = async (question: string): Promise<string[]> => {
    const all: string[] = [];
    for (let text = await person.ask(question); text !== ''; text = await person.ask(question)) all.push(text);
    return all;
  };
  if (!(await person.confirm('Is a volume, a tip or a channel otherwise than the lab believes?'))) return {};
  return {
    set: await collect('volume there, as labware:position=µL (empty when done):'),
    tip: await collect('tip there, as rack:position=on or off (empty when done):'),
    channel: await collect('channel, as number=rack:position:µL, number=empty, done or not-done (empty when done):'),
  };
}

/** Items that are answered in place while their run is watched: all but those that somebody has to go to a machine for first. */
export function isAskedInPlace({ subject }: InboxItem): boolean {
  return isQuestion(subject) || subject.kind === 'time-window';
}
