// Subcommands about machines, labware and who holds them.

import type { Command } from 'commander';
import { abortMachine } from '../assets/abort-machine.js';
import { commandMachine, type CommandOptions } from '../assets/command-machine.js';
import { connectMachine, type ConnectOptions } from '../assets/connect-machine.js';
import { listLabware, listMachines, listReservations, releaseMachine, replaceLabware } from '../assets/list-assets.js';
import { placeLabware, type PlaceOptions } from '../assets/place-labware.js';
import type { JsonOption } from '../client/world.js';
import { act, addCommand, collect } from './add-command.js';

export function addAssetCommands(program: Command): void {
  const machines = addCommand(program, 'machines', 'list machines and who holds them', [
    'praxis machines --json',
    'praxis machines release star --note "deck is clear"',
  ]).action(act((world, options: JsonOption) => listMachines(world, options)));
  addCommand(machines, 'release <machine>', 'give a quarantined machine free after looking at it', [
    'praxis machines release star --note "deck is clear"',
  ])
    .requiredOption('--note <text>', 'what you saw')
    .action(act((world, name: string, options: JsonOption & { note: string }) => releaseMachine(world, name, options)));
  addCommand(machines, 'connect <machine>', 'connect a machine, which may move its axes; asks first', [
    'praxis machines connect star --note "deck is clear"',
    'praxis machines connect star --yes',
  ])
    .option('--note <text>', 'what you saw before', '')
    .option('-y, --yes', 'nothing is in the way: connect without asking')
    .action(act((world, name: string, options: ConnectOptions) => connectMachine(world, name, options)));
  addCommand(machines, 'command <machine> <method>', 'send one command by hand; asks first where it moves something', [
    'praxis machines command star discard_tips',
    'praxis machines command star pick_up_tips -p tip_spots=tips_1:A1 --run last --reason "tip was bent"',
    'praxis machines command heater_shaker request_temperature --json',
  ])
    .option('-p, --param <name=value>', 'argument, in words of PyLabRobot or of the SDK; may be repeated', collect, [])
    .option('--run <run>', 'run that waits for a person and holds the machine')
    .option('--reason <text>', 'why, for the record', '')
    .option('-y, --yes', 'nothing is in the way: send without asking')
    .action(act((world, machine: string, method: string, options: CommandOptions) => commandMachine(world, { machine, method }, options)));
  addCommand(machines, 'abort <machine>', 'stop what a machine does at this moment, where its driver can; its run gets COMMAND_STOPPED', [
    'praxis machines abort shaker --note "too fast"',
  ])
    .option('--note <text>', 'why, for the record', '')
    .action(act((world, name: string, options: JsonOption & { note: string }) => abortMachine(world, name, options)));
  const labware = addCommand(program, 'labware', 'list labware and who holds it', [
    'praxis labware',
    'praxis labware replace tips_1',
  ]).action(act((world, options: JsonOption) => listLabware(world, options)));
  addCommand(labware, 'replace <item>', 'tell that a fresh item stands in the place of a used one', [
    'praxis labware replace tips_1',
  ]).action(act((world, name: string, options: JsonOption) => replaceLabware(world, name, options)));
  addCommand(labware, 'place <item> <place>', 'tell where an item stands that you have put somewhere: carrier:site or machine', [
    'praxis labware place plate_1 plate_carrier:0',
    'praxis labware place plate_1 reader --note "put in by hand"',
  ])
    .option('--note <text>', 'why, for the record', '')
    .action(act((world, name: string, place: string, options: PlaceOptions) => placeLabware(world, { name, place }, options)));
  addCommand(program, 'reservations', 'list what is held by which run', ['praxis reservations']).action(
    act((world, options: JsonOption) => listReservations(world, options)),
  );
}
