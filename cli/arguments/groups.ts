// The groups of subcommands as help shows them. Each is loaded only when one of its commands is meant, so that the command answers at once;
// a name that no group lists is looked for in all of them.

import type { Command } from 'commander';

export interface CommandGroup {
  readonly title: string;
  /** Of the commands in it, with their other names. */
  readonly names: readonly string[];
  readonly load: () => Promise<(program: Command) => void>;
}

export const GROUPS: readonly CommandGroup[] = [
  {
    title: 'Runs:',
    names: ['run', 'rerun', 'rehearse', 'runs', 'show', 'protocols'],
    load: async () => (await import('./run-commands.js')).addRunCommands,
  },
  {
    title: 'Holding, ending and going on:',
    names: ['pause', 'resume', 'cancel', 'continue', 'stop-all', 'accept-journal'],
    load: async () => (await import('./control-commands.js')).addControlCommands,
  },
  {
    title: 'What waits for a person:',
    names: ['inbox', 'answer', 'resolve'],
    load: async () => (await import('./inbox-commands.js')).addInboxCommands,
  },
  {
    title: 'Machines and labware:',
    names: ['machines', 'labware', 'reservations'],
    load: async () => (await import('./asset-commands.js')).addAssetCommands,
  },
  {
    title: 'The lab on this machine:',
    names: ['up', 'doctor'],
    load: async () => (await import('./lab-commands.js')).addLabCommands,
  },
  {
    title: 'The shell:',
    names: ['completion', 'complete'],
    load: async () => {
      const { addCompletionCommands } = await import('./completion-commands.js');
      return (program) => addCompletionCommands(program, (whole) => addGroups(whole, undefined));
    },
  },
];

/** Adds the group of the command that is named, or all where none or an unknown one is. */
export async function addGroups(program: Command, named: string | undefined): Promise<void> {
  const own = GROUPS.find(({ names }) => named !== undefined && names.includes(named));
  for (const { title, load } of own === undefined ? GROUPS : [own]) {
    const add = await load();
    program.commandsGroup(title);
    add(program);
  }
}
