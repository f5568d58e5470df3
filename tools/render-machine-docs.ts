// Text of docs/machines.md: every command of every front end with its arguments, its class, its times and what stops it.

import { FRONT_ENDS } from '../domain/catalogue/front-ends.js';
import { describeBounds, findBounds, type ArgumentBounds } from '../domain/catalogue/argument-bounds.js';
import { VALUE_FIELDS } from '../domain/catalogue/argument-names.js';
import type { Catalogue } from '../domain/catalogue/catalogue.js';
import { findPolicy, getMethodPolicy, listBounds } from '../domain/catalogue/method-policy.js';
import { isCommandPolicy } from '../domain/catalogue/policy.js';
import { listArguments, toHandleMethod } from './machine-types.js';

export function renderMachineDocs(catalogue: Catalogue): string {
  const sections = Object.entries(FRONT_ENDS).map(([builder, frontEnd]) => renderSection(catalogue, builder, frontEnd));
  return `${[renderIntroduction(catalogue), ...sections].join('\n\n')}\n`;
}

function renderIntroduction({ pylabrobot, frontends }: Catalogue): string {
  return [
    '# Machines',
    '',
    `Every command of the ${Object.keys(frontends).length} machine front ends of PyLabRobot ${pylabrobot}. Generated from the catalogue and the`,
    'policy tables (`domain/catalogue/method-policy.ts`) by `tools/generate-machines.ts`; do not edit.',
    '',
    'Methods take one object with the arguments named here; those marked `?` may be left out. Where a backend has arguments of',
    'its own, they are given as `backend: { … }` in its words. The liquid handler alone takes what must be given one by one, and the',
    "rest as one object: `lh.aspirate(plate.wells('A1:H1'), 50, { flowRatesUlPerS: 100 })`. It has methods more, each made of",
    'the commands below: `transfer`, `mix`, `movePlate`, `moveLid`. `shakeFor` and `pumpFor` start, wait in the run and stop.',
    '',
    '| Class | After a crash in mid-command |',
    '|---|---|',
    '| read-only | may run again freely |',
    '| set-state | may run again after a look at the state |',
    '| costly | harms nothing, but a person decides |',
    '| non-idempotent | never again without a person |',
    '',
    'Times: what the command usually takes on a real machine, with the arguments left out where they may be, and after how long its',
    'outcome is in doubt. Both grow with the arguments where that matters: durations, timeouts, wells, temperature protocols.',
    '',
    'Behind a number stands what it may be (`domain/catalogue/argument-bounds.ts`): no machine of the kind takes anything else, so it is',
    'refused before anything moves, in rehearsals and in runs. A single machine may take less.',
  ].join('\n');
}

function renderSection(catalogue: Catalogue, builder: string, frontEnd: string): string {
  const entry = catalogue.frontends[frontEnd];
  const title = `## machine.${builder}()`;
  const [only, ...others] = entry?.bases ?? [];
  if (only !== undefined && others.length === 0) return `${title}\n\n\`${frontEnd}\`: all that ${toLink(only)} can.`;
  const inherited = entry?.bases.map(toLink).join(' and ');
  const lead = inherited === undefined || inherited === '' ? `\`${frontEnd}\`` : `\`${frontEnd}\`: all that ${inherited} can.`;
  const own = Object.keys(entry?.methods ?? {}).filter((method) => !isInherited(catalogue, frontEnd, method));
  const commands = own.filter((method) => isCommand(frontEnd, method));
  const withoutCommand = own.filter((method) => !isCommand(frontEnd, method) && method !== 'setup' && method !== 'stop');
  return [
    `${title}\n\n${lead}`,
    ...(commands.length === 0 ? [] : [renderCommands(catalogue, frontEnd, commands)]),
    ...(withoutCommand.length === 0
      ? []
      : [`No commands, and why:\n\n${withoutCommand.map((method) => renderOmission(frontEnd, method)).join('\n')}`]),
  ].join('\n\n');
}

function renderCommands(catalogue: Catalogue, frontEnd: string, methods: readonly string[]): string {
  const rows = methods.map((method) => {
    const policy = getMethodPolicy(frontEnd, method);
    const tables = listBounds(frontEnd, method);
    const given = listArguments(catalogue, frontEnd, method).map(
      ({ name, original, required }) => `\`${name}${required ? '' : '?'}\`${renderBounds(tables, original)}`,
    );
    const stop = policy.stopMethod === null ? '' : `\`${toHandleMethod(policy.stopMethod)}\``;
    return `| \`${toHandleMethod(method)}\` | ${given.join(', ')} | ${policy.retryClass} | ${toTime(policy.expectedMs)} | ${toTime(policy.longestMs)} | ${stop} |`;
  });
  return ['| Method | Arguments | Class | Usually | In doubt after | Stopped by |', '|---|---|---|---|---|---|', ...rows].join('\n');
}

/** Of the argument itself, and of the numbers in it. */
function renderBounds(tables: readonly ArgumentBounds[], argument: string): string {
  const own = findBounds(tables, argument);
  if (own !== undefined) return ` ${describeBounds(own)}`;
  const inside = tables.flatMap((table) => Object.entries(table).filter(([path]) => path.startsWith(`${argument}.`)));
  return inside.map(([path, bounds]) => ` ${toFieldName(path)} ${describeBounds(bounds)}`).join(';');
}

function toFieldName(path: string): string {
  const field = path.slice(path.lastIndexOf('.') + 1);
  return Object.entries(VALUE_FIELDS).find(([, original]) => original === field)?.[0] ?? field;
}

function renderOmission(frontEnd: string, method: string): string {
  const policy = findPolicy(frontEnd, method);
  return `- \`${method}\`: ${policy && !isCommandPolicy(policy) ? policy.notACommand : 'Nobody has judged it.'}`;
}

function isInherited(catalogue: Catalogue, frontEnd: string, method: string): boolean {
  return (catalogue.frontends[frontEnd]?.bases ?? []).some((base) => Object.hasOwn(catalogue.frontends[base]?.methods ?? {}, method));
}

function isCommand(frontEnd: string, method: string): boolean {
  const policy = findPolicy(frontEnd, method);
  return policy !== undefined && isCommandPolicy(policy);
}

function toLink(frontEnd: string): string {
  const builder = Object.entries(FRONT_ENDS).find(([, name]) => name === frontEnd)?.[0] ?? frontEnd;
  return `[${frontEnd}](#machine${builder.toLowerCase()})`;
}

function toTime(ms: number): string {
  if (ms < 1_000) return `${ms} ms`;
  if (ms < 120_000) return `${Math.round(ms / 100) / 10} s`;
  return ms < 7_200_000 ? `${Math.round(ms / 6_000) / 10} min` : `${Math.round(ms / 360_000) / 10} h`;
}
