// Subcommands about runs and protocols: start, rehearse, list, show.

import type { Command } from 'commander';
import { RUN_STATUSES } from '../../domain/runs/run.js';
import { listRuns, type RunsOptions } from '../runs/list-runs.js';
import { rehearseProtocol, type RehearseOptions } from '../rehearsal/rehearse-protocol.js';
import { rerunRun, type RerunOptions } from '../runs/rerun-run.js';
import { runProtocol, type RunOptions } from '../runs/run-protocol.js';
import { showProtocols, type ProtocolsOptions } from '../protocols/show-protocols.js';
import { showRun, type ShowOptions } from '../runs/show-run.js';
import { act, addCommand, collect, parseInteger, parseNumber } from './add-command.js';

const PARAM_HELP = 'parameter; name=@file takes a file, name=@- standard input; may be repeated';

export function addRunCommands(program: Command): void {
  addCommand(program, 'run <protocol>', 'start a run of a protocol', [
    'praxis run serial_dilution -p numDilutions=8 --wait',
    'praxis run cherry_pick -p rows=@picks.csv',
    'praxis run serial_dilution --asset plate=plate_1 --json',
  ])
    .option('-p, --param <name=value>', PARAM_HELP, collect, [])
    .option('--params <file>', 'parameters as JSON in a file, or - for standard input; -p goes before it')
    .option('-a, --asset <name=item>', 'item of the lab for an asset of the protocol; may be repeated', collect, [])
    .option('--version-of-protocol <version>', 'version to run instead of the newest')
    .option('--priority <n>', 'higher goes first where assets are scarce', parseInteger)
    .option('--time-scale <n>', 'simulated runs: make delays this many times shorter, up to 100000', parseNumber)
    .option('--idempotency-key <key>', 'the same key starts the same run only once')
    .option('-w, --wait', 'show the run live and end when it ends')
    .action(act((world, protocol: string, options: RunOptions) => runProtocol(world, protocol, options)));
  addCommand(program, 'rehearse <protocol>', 'tell what a run would do and need, and where it would fail; touches nothing', [
    'praxis rehearse serial_dilution -p numDilutions=11',
    'praxis rehearse antigen_dilution_series --answer no --full',
  ])
    .option('-p, --param <name=value>', PARAM_HELP, collect, [])
    .option('--params <file>', 'parameters as JSON in a file, or - for standard input; -p goes before it')
    .option('-a, --asset <name=item>', 'item for an asset; may be repeated', collect, [])
    .option('--answer <value>', 'to the next question: yes, no, a choice, a number, a text or JSON; may be repeated', collect, [])
    .option('--version-of-protocol <version>', 'another version than the newest')
    .option('--full', 'every command, with what it changes on the deck')
    .action(act((world, protocol: string, options: RehearseOptions) => rehearseProtocol(world, protocol, options)));
  addCommand(program, 'rerun <run>', 'start what a run was started with once more: protocol, parameters and items', [
    'praxis rerun last --wait',
    'praxis rerun 01989f2c -p numDilutions=4',
  ])
    .option('-p, --param <name=value>', 'another value than the run had; may be repeated', collect, [])
    .option('-a, --asset <name=item>', 'another item than the run had; may be repeated', collect, [])
    .option('-w, --wait', 'show the run live and end when it ends')
    .action(act((world, run: string, options: RerunOptions) => rerunRun(world, run, options)));
  addCommand(program, 'runs', 'list runs, the newest first', [
    'praxis runs --status running',
    'praxis runs --mine --since 2h',
    'praxis runs --limit 5 --json',
  ])
    .option('--status <status>', `only runs that are ${RUN_STATUSES.join(', ')}`)
    .option('--protocol <name>', 'only runs of this protocol')
    .option('--mine', 'only runs that I have started')
    .option('--since <time>', 'only runs created since then: 2h, "30 min", 1d, 2026-05-04, 2026-05-04T13:00')
    .option('--limit <n>', 'at most this many, up to 200', parseInteger)
    .option('--cursor <cursor>', 'the page behind this one, as the page before names it')
    .option('--all', 'every run')
    .action(act((world, options: RunsOptions) => listRuns(world, options)));
  addCommand(program, 'show <run>', 'show a run: its id, the beginning of a recent id, or last', [
    'praxis show last',
    'praxis show last --follow',
    'praxis show last --tree',
    'praxis show 01989f2c --commands --json',
  ])
    .option('--tree', 'the call tree with counts and durations')
    .option('--call <path>', 'with --tree: from this call down')
    .option('--after <number>', 'with --tree: pass over so many of its children')
    .option('--commands', 'every command to a machine')
    .option('--events', 'every event in order')
    .option('--state', 'values that the run keeps')
    .option('--data', 'measurements that the run kept')
    .option('--follow', 'show what happens from the first event on, and end when the run ends')
    .action(act((world, run: string, options: ShowOptions) => showRun(world, run, options)));
  addCommand(program, 'protocols [name]', 'list protocols, or show what one wants', [
    'praxis protocols',
    'praxis protocols serial_dilution',
    'praxis protocols mix_down --statistics',
  ])
    .option('--statistics', 'how often each version was called, how that ended, how long it took')
    .action(act((world, name: string | undefined, options: ProtocolsOptions) => showProtocols(world, name, options)));
}
