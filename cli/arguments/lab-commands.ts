// Subcommands about the lab on this machine.

import type { Command } from 'commander';
import { spawnProgram } from '../lab/spawn-program.js';
import type { JsonOption } from '../client/world.js';
import { addCommand } from './add-command.js';

export function addLabCommands(program: Command): void {
  const up = program
    .command('up')
    .description('start the lab on this machine and stay with it, as npm start does')
    .allowUnknownOption()
    .argument('[options...]')
    .addHelpText('after', '\nExamples:\n  praxis up\n  praxis up --no-demo');
  up.action(async (given: string[]) => {
    process.exitCode = await spawnProgram('tools/start.mjs', given);
  });
  addCommand(program, 'doctor', 'check what the lab needs on this machine', ['praxis doctor']).action(async (options: JsonOption) => {
    process.exitCode = await spawnProgram('dist/local/doctor.js', options.json === true ? ['--json'] : []);
  });
  addCommand(
    program,
    'check [path]',
    'tell every mistake in a file or folder of protocols, without a lab; else in those of PRAXIS_PROTOCOLS',
    ['praxis check', 'praxis check my-protocols/wash.protocol.ts'],
  ).action(async (given: string | undefined, options: JsonOption) => {
    const passedOn = [...(given === undefined ? [] : [given]), ...(options.json === true ? ['--json'] : [])];
    process.exitCode = await spawnProgram('dist/workers/check-sources.js', passedOn);
  });
}
