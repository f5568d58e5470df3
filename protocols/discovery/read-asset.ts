// Reads one asset of a protocol, `machine.liquidHandler()` or `labware.plate({ wells: 96 })`, into its spec.

import type ts from 'typescript';
import { FRONT_ENDS } from '../../domain/catalogue/front-ends.js';
import { LABWARE_CATEGORIES, type LabwareCategory } from '../../domain/catalogue/labware-category.js';
import type { AssetSpec } from '../../domain/protocols/protocol.js';
import { type BuilderCall, type OptionTypes, readBuilderCall, readOptions } from './read-options.js';
import { readValue, report, type StaticReader } from './static-reader.js';

const CUSTOM_NAME = /^[A-Z][A-Za-z0-9]{0,59}$/u;
/** Option that gives the number of positions; labware without an entry is one container. */
const POSITIONS: Readonly<Partial<Record<string, string>>> = { plate: 'wells', tip_rack: 'spots' };

/** The spec as the builder returns it at run time, or undefined after a report. */
export function readAsset(reader: StaticReader, name: string, node: ts.Expression): AssetSpec | undefined {
  const example = 'machine.liquidHandler(), labware.plate({ wells: 96 }) or another of machine and labware';
  const found = readBuilderCall(reader, node, { families: ['machine', 'labware'], example });
  if (!found) return undefined;
  return found.family === 'machine' ? readMachine(reader, found) : readLabware(reader, name, found);
}

function readMachine(reader: StaticReader, found: BuilderCall): AssetSpec | undefined {
  if (found.builder === 'custom') return readCustomMachine(reader, found);
  const type = Object.hasOwn(FRONT_ENDS, found.builder) ? FRONT_ENDS[found.builder as keyof typeof FRONT_ENDS] : undefined;
  if (type === undefined) {
    report(reader, found.call, `There is no machine.${found.builder}(); there are: ${Object.keys(FRONT_ENDS).join(', ')}, custom.`);
    return undefined;
  }
  return readMachineOptions(reader, found, type);
}

/** `machine.custom('SyringePump', SYRINGE_PUMP, { … })`: the methods in the middle are code and not read. */
function readCustomMachine(reader: StaticReader, found: BuilderCall): AssetSpec | undefined {
  const [name] = found.call.arguments;
  const type = name && readValue(reader, name);
  if (typeof type === 'string' && CUSTOM_NAME.test(type)) return readMachineOptions(reader, { ...found, optionsAt: 2 }, type);
  report(
    reader,
    found.call,
    `Write machine.custom('SyringePump', METHODS): first the front end that the driver is registered as, of letters and digits.`,
  );
  return undefined;
}

function readMachineOptions(reader: StaticReader, found: BuilderCall, type: string): AssetSpec | undefined {
  const options = readOptions(reader, found, { description: 'text', hold: 'text' })?.values;
  if (!options) return undefined;
  if (options.has('hold') && options.get('hold') !== 'perUse') {
    report(
      reader,
      found.call,
      `'hold' of ${found.builder}() can only be 'perUse'; leave it out for a machine that is held for the whole run.`,
    );
    return undefined;
  }
  return { kind: 'machine', type, ...Object.fromEntries(options) };
}

function readLabware(reader: StaticReader, name: string, found: BuilderCall): AssetSpec | undefined {
  const type = findLabwareCategory(found.builder);
  if (!type) {
    report(reader, found.call, `There is no labware.${found.builder}(); there are: ${LABWARE_CATEGORIES.map(toBuilderName).join(', ')}.`);
    return undefined;
  }
  const counted = POSITIONS[type];
  const types: OptionTypes = { description: 'text', ...(counted === undefined ? {} : { [counted]: 'number' }) };
  const options = readOptions(reader, found, types)?.values;
  if (!options) return undefined;
  const positions = counted === undefined ? undefined : options.get(counted);
  const description = options.get('description');
  if (positions !== undefined && !(Number.isSafeInteger(positions) && Number(positions) > 0)) {
    report(reader, found.call, `'${name}' must have a whole number of ${counted ?? 'positions'} from 1.`);
    return undefined;
  }
  return {
    kind: 'labware',
    type,
    ...(typeof positions === 'number' ? { positions } : {}),
    ...(typeof description === 'string' ? { description } : {}),
  };
}

/** `tipRack` and `TipRack` → `tip_rack`. */
export function findLabwareCategory(name: string): LabwareCategory | undefined {
  return LABWARE_CATEGORIES.find((category) => toBuilderName(category).toLowerCase() === name.toLowerCase());
}

function toBuilderName(category: string): string {
  return category.replace(/_([a-z])/gu, (_match, letter: string) => letter.toUpperCase());
}
