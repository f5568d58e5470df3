// What is known of an uncertain command, as a person reads it beside the machine: how far it was sent, what the sensors
// say, and what to look for at each channel, well, tip spot and place.

import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../../domain/json/json.js';

/** More lines than this of one kind are counted only. */
const LINES_MAX = 24;

export function renderFacts(facts: JsonObject | undefined): string[] {
  if (facts === undefined) return [];
  const likely = read(facts['likely']);
  return [
    ...renderSent(read(facts['sent'])),
    ...renderSensors(facts),
    ...limit(
      Object.entries(read(likely['channels'])).map(
        ([channel, what]) => `  channel  ${channel}: ${renderChange(read(what), renderTip)}${renderSensed(read(what))}`,
      ),
    ),
    ...limit(
      Object.entries(read(likely['channels96'])).map(([channel, what]) => `  head     ${channel}: ${renderChange(read(what), renderTip)}`),
    ),
    ...limit(Object.entries(read(likely['wells'])).map(([well, what]) => `  well     ${well}: ${renderWell(read(what))}`)),
    ...limit(
      Object.entries(read(likely['spots'])).map(
        ([spot, what]) => `  spot     ${spot}: ${renderChange(read(what), (has) => (has === true ? 'a tip' : 'empty'))}`,
      ),
    ),
    ...Object.entries(read(likely['places'])).map(([labware, what]) => `  place    ${labware}: ${renderChange(read(what), renderPlace)}`),
    ...Object.entries(read(likely['machine'])).map(([field, what]) => `  machine  ${field}: ${renderChange(read(what), renderValue)}`),
    ...(typeof likely['because'] === 'string' ? [`  likely   ${likely['because']}`] : []),
    ...renderLate(read(facts['late'])),
  ];
}

const DRIVERS: Readonly<Record<string, string>> = {
  returned: 'its driver gave up',
  running: 'its driver still ran',
  gone: 'its driver ended with the bridge',
};

function renderSent({ steps, stepsEnded, writes, lastStepMethod, driver }: JsonObject): string[] {
  if (typeof steps !== 'number') return [];
  const last = typeof lastStepMethod === 'string' ? `, the last was ${lastStepMethod}` : '';
  const wire = typeof writes === 'number' ? `, ${writes} writes at the wire` : '';
  const how = typeof driver === 'string' ? DRIVERS[driver] : undefined;
  return [`  sent     ${steps} steps, ${renderValue(stepsEnded ?? null)} ended${last}${wire}${how === undefined ? '' : `; ${how}`}`];
}

function renderSensors({ sensors, notAsked }: JsonObject): string[] {
  const told = Object.entries(read(sensors)).map(([name, value]) => `  sensor   ${name}: ${renderValue(value)}`);
  return typeof notAsked === 'string' ? [...told, `  sensors  not asked: ${notAsked}`] : told;
}

function renderLate({ outcome, sensors }: JsonObject): string[] {
  const { status, error } = read(outcome);
  if (typeof status !== 'string') return [];
  const message = read(error)['message'];
  return [
    `  late     its driver returned at last: ${status}${typeof message === 'string' ? `, ${message}` : ''}`,
    ...renderSensors({ ...(sensors !== undefined && { sensors }) }),
  ];
}

function renderChange({ before, ifDone }: JsonObject, show: (value: Json) => string): string {
  return `before ${show(before ?? null)}; if done ${show(ifDone ?? null)}`;
}

function renderWell({ beforeUl, ifDoneUl, min, max }: JsonObject): string {
  return `${renderValue(min ?? null)}..${renderValue(max ?? null)} µL (before ${renderValue(beforeUl ?? null)}; if done ${renderValue(ifDoneUl ?? null)})`;
}

function renderTip(tip: Json): string {
  if (!isJsonObject(tip)) return 'no tip';
  return `tip of ${renderValue(tip['tip'] ?? 'unknown origin')} with ${renderValue(tip['volumeUl'] ?? null)} µL`;
}

function renderSensed({ sensedTip }: JsonObject): string {
  return typeof sensedTip === 'boolean' ? `; its sensor sees ${sensedTip ? 'a tip' : 'no tip'} now` : '';
}

function renderPlace(place: Json): string {
  const { carrier, site, machine, gripper, on } = read(place);
  if (typeof carrier === 'string') return `${carrier}:${renderValue(site ?? null)}`;
  if (typeof machine === 'string') return typeof site === 'number' ? `${machine}:${site}` : machine;
  return typeof gripper === 'string' ? `in the gripper of ${gripper}` : typeof on === 'string' ? `on ${on}` : 'nowhere';
}

function renderValue(value: Json): string {
  if (typeof value === 'number') return String(Math.round(value * 100) / 100);
  if (isJsonArray(value)) return value.map(renderValue).join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function limit(lines: readonly string[]): readonly string[] {
  return lines.length <= LINES_MAX
    ? lines
    : [...lines.slice(0, LINES_MAX), `           and ${lines.length - LINES_MAX} more; all of them with --json`];
}

function read(value: Json | undefined): JsonObject {
  return value !== undefined && isJsonObject(value) ? value : {};
}
