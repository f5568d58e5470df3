// What may stand where the cursor is: commands and options as the program declares them, and names of the lab where it answers at once.

import type { Command, Option } from 'commander';
import type { ApiClient } from '../client/api-client.js';
import { RUN_STATUSES } from '../../domain/runs/run.js';
import { SHELLS } from './completion-scripts.js';

/** Who presses tab waits no longer; a lab that is away offers nothing. */
const LAB_LIMIT_MS = 2_000;
const RUNS_OFFERED = 30;
const PROTOCOLS_OFFERED = 200;

export interface Candidate {
  readonly value: string;
  readonly about: string;
}

interface Place {
  readonly command: Command;
  /** The option whose value is being typed. */
  readonly option: Option | undefined;
  /** Words behind the command that are no options. */
  readonly given: readonly string[];
}

/** The last word is the one at the cursor, maybe empty. The shell leaves out what does not begin with it. */
export async function findCandidates(program: Command, words: readonly string[], api: ApiClient): Promise<readonly Candidate[]> {
  const place = findPlace(program, words.slice(0, -1));
  if (place.option !== undefined) return listNames(api, toSource(place.option, place), place);
  if (words.at(-1)?.startsWith('-') === true) return listOptions(place.command);
  const below = place.given.length === 0 ? listCommands(place.command) : [];
  const argument = place.command.registeredArguments[place.given.length];
  return [...below, ...(argument === undefined ? [] : await listNames(api, argument.name(), place))];
}

function findPlace(program: Command, words: readonly string[]): Place {
  let command = program;
  let option: Option | undefined;
  let given: string[] = [];
  for (const word of words) {
    const below = command.commands.find((each) => each.name() === word || each.aliases().includes(word));
    if (option !== undefined) option = undefined;
    else if (word.startsWith('-')) {
      const named = command.options.find(({ short, long }) => word === short || word === long);
      option = named !== undefined && (named.required || named.optional) ? named : undefined;
    } else if (below !== undefined && given.length === 0) [command, given] = [below, []];
    else given.push(word);
  }
  return { command, option, given };
}

function listCommands(command: Command): readonly Candidate[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .map((each) => ({ value: each.name(), about: each.description() }));
}

function listOptions(command: Command): readonly Candidate[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .map(({ long, short, description }) => ({ value: long ?? short ?? '', about: description }));
}

/** What the value of an option names. */
function toSource(option: Option, { command }: Place): string {
  if (option.long === '--param') return command.name() === 'command' ? 'argument' : 'parameter';
  return option.long === '--asset' ? 'asset' : (option.long ?? '').replace(/^--/u, '');
}

/** By what an argument or option is called. Empty where the lab does not know, or does not answer. */
async function listNames(api: ApiClient, source: string, place: Place): Promise<readonly Candidate[]> {
  const lookUp = Object.hasOwn(SOURCES, source) ? SOURCES[source] : undefined;
  return (await lookUp?.(api, place).catch(() => [])) ?? [];
}

type LookUp = (api: ApiClient, place: Place) => Promise<readonly Candidate[]>;

const QUICK = { timeoutMs: LAB_LIMIT_MS } as const;

const SOURCES: Readonly<Record<string, LookUp>> = {
  run: async (api) => {
    const { items } = await api.listRuns({ query: { limit: RUNS_OFFERED } }, QUICK);
    return [
      { value: 'last', about: 'the newest run' },
      ...items.map(({ id, protocol, status }) => ({ value: id, about: `${protocol} ${status}` })),
    ];
  },
  protocol: (api) => listProtocols(api, true),
  name: (api) => listProtocols(api, false),
  machine: async (api) => (await api.listMachines({}, QUICK)).items.map(({ name }) => ({ value: name, about: '' })),
  item: (api, { command }) => (command.name() === 'answer' ? listItems(api) : listLabware(api)),
  workcell: async (api) => {
    const { items } = await api.listMachines({}, QUICK);
    return [...new Set(items.map(({ workcell }) => workcell))].map((value) => ({ value, about: '' }));
  },
  status: () => Promise.resolve(RUN_STATUSES.map((value) => ({ value, about: '' }))),
  shell: () => Promise.resolve(SHELLS.map((value) => ({ value, about: '' }))),
  parameter: (api, place) => listFields(api, place, 'parameters'),
  asset: (api, place) => listFields(api, place, 'assets'),
};

async function listProtocols(api: ApiClient, isTopLevelOnly: boolean): Promise<readonly Candidate[]> {
  const { items } = await api.listProtocols({ query: { limit: PROTOCOLS_OFFERED } }, QUICK);
  return items
    .filter(({ isTopLevel }) => isTopLevel || !isTopLevelOnly)
    .map(({ name, description }) => ({ value: name, about: description }));
}

async function listItems(api: ApiClient): Promise<readonly Candidate[]> {
  const { items } = await api.listInbox({ query: { status: 'open' } }, QUICK);
  return items.map(({ id, subject }) => ({ value: id, about: subject.text }));
}

async function listLabware(api: ApiClient): Promise<readonly Candidate[]> {
  return (await api.listLabware({}, QUICK)).items.map(({ name, type }) => ({ value: name, about: type }));
}

/** `numDilutions=` and so on, of the protocol that stands on the line. */
async function listFields(api: ApiClient, { given: [name] }: Place, kind: 'parameters' | 'assets'): Promise<readonly Candidate[]> {
  if (name === undefined) return [];
  const fields: Readonly<Record<string, { readonly description?: string | undefined }>> = (
    await api.getProtocol({ params: { name }, query: {} }, QUICK)
  )[kind];
  return Object.entries(fields).map(([field, { description = '' }]) => ({ value: `${field}=`, about: description }));
}
