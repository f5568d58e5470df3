// Violations of what commands did: at most once, not out of nothing, not in silence, in their order; each with the words that find it.

import { actAgain, toId } from './test-evidence.js';
import { BEFORE_LAST, addRow, doubt, loseLastCommand, retry, rowsOf, sendAgain, type Case } from './test-spoiling.js';

export const VIOLATIONS_OF_COMMANDS: readonly Case[] = [
  [
    'I3',
    'a command that was lost with its journal, of which its run is not told',
    (all) => {
      loseLastCommand(all, { shippedRow: BEFORE_LAST, isTold: false });
    },
    /people see nothing of it/u,
  ],
  ['I1', 'an act without a SENT of its own', (all) => actAgain(all, 2, { before: {}, after: {} }), /acted 2 times and was sent 1/u, [3, 4]],
  [
    'I1',
    'the same step sent twice',
    (all) => {
      actAgain(all, 0, { before: {}, after: {} });
      sendAgain(all, 0);
    },
    /was sent twice/u,
  ],
  [
    'I1',
    'a step sent again by a bridge that began anew, of a motion',
    (all) => {
      addRow(all, 'BOOT', null, {});
      actAgain(all, 0, { before: {}, after: {} });
      sendAgain(all, 0);
    },
    /was sent twice/u,
  ],
  ['I1', 'a retry that nobody asked for', (all) => retry(all, 1, [{ answer: { then: 'skip' } }]), /nobody on record asked/u],
  ['I1', 'a retry that nobody in particular asked for', (all) => retry(all, 1, [{ answeredBy: '' }]), /nobody on record asked/u],
  ['I2', 'completed without an act', (all) => void all.tape.splice(2, 1), /completed and acted 0 times/u],
  [
    'I2',
    'another volume',
    (all) => {
      all.tape[1]!.after = { wells: { 'plate_1:A1': 190 }, channels: { 0: { tip: 'tips_1:A1', volumeUl: 10 } } };
    },
    /aspirate 50 µL at plate_1:A1 and moved 10/u,
    [2],
  ],
  [
    'I2',
    'another volume told to the machine',
    (all) => {
      all.tape[1]!.args = { channels: [{ channel: '0', well: 'plate_1:A1', volumeUl: 5 }] };
    },
    /the machine was told 5/u,
    [2],
  ],
  [
    'I2',
    'another well',
    (all) => {
      all.tape[1]!.before = { wells: { 'plate_1:B7': 200 }, channels: { 0: null } };
      all.tape[1]!.after = { wells: { 'plate_1:B7': 150 } };
    },
    /touched plate_1:B7/u,
  ],
  [
    'I2',
    'another tip',
    (all) => {
      all.tape[0]!.after = { tips: { 'tips_1:C1': false } };
    },
    /took tips_1:C1/u,
  ],
  [
    'I2',
    'half of an act',
    (all) => {
      all.tape[1]!.outcome = 'part';
    },
    /though its act was part/u,
    [2],
  ],
  [
    'I2',
    'another machine',
    (all) => {
      all.tape[1]!.device = 'other';
    },
    /moved other/u,
    [2],
  ],
  [
    'I2',
    'another result in the history',
    (all) => {
      all.executions[0]!.activities[1]!.result = 7;
    },
    /history got another result/u,
  ],
  [
    'I2',
    'another result in Postgres',
    (all) => {
      all.database.commands[1]!.result = { volume: 2 };
    },
    /Postgres shows another result/u,
  ],
  ['I3', 'an act that nobody knows of', (all) => void all.database.commands.splice(2, 1), /people see nothing of it/u, [3]],
  [
    'I3',
    'an act that is shown as running for ever',
    (all) => {
      all.database.commands[2]!.status = 'running';
    },
    /see it as running/u,
  ],
  [
    'I3',
    'an act for no command',
    (all) => {
      all.tape[2]!.commandId = null;
    },
    /for no command/u,
    [3],
  ],
  ['I3', 'a doubt that reached nobody', (all) => doubt(all, 1), /nobody was asked/u, [2]],
  [
    'I4',
    'acts that overlap',
    (all) => {
      all.tape[1]!.beganMonoNs = all.tape[0]!.monoNs - 5;
    },
    /began aspirate before its pick_up_tips had ended/u,
    [1, 2],
  ],
  [
    'I4',
    'another order in the journal',
    (all) => {
      rowsOf(all).find(({ key, kind }) => kind === 'SENT' && key === toId(0))!.row = 99;
    },
    /tape and journal tell another order/u,
  ],
  [
    'I4',
    'another order in Postgres',
    (all) => {
      all.database.commands[0]!.ordinal = 99;
    },
    /tape and Postgres tell another order/u,
  ],
  [
    'I4',
    'two runs in turns under one fence',
    (all) => {
      actAgain(all, 0, { commandId: 'run-2/x/1/0' });
      actAgain(all, 0, { commandId: toId(2) });
    },
    /in turns under fence 4/u,
  ],
];
