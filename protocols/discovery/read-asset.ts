// Reads one asset of a protocol, `machine.liquidHandler()` or `labware.plate({ wells: 96 })`, into its spec.

import type ts from 'typescript';
import type { LabwareCategory } from '../../domain/machine.js';
import type { AssetSpec } from '../../domain/protocol.js';
import { type BuilderCall, type OptionTypes, readBuilderCall, readOptions } from './read-options.js';
import { report, type StaticReader } from './static-reader.js';

interface LabwareBuilder {
  readonly type: LabwareCategory;
  /** Option that gives the number of positions, where there is one. */
  readonly positions?: string;
}

const LABWARE: Readonly<Record<string, LabwareBuilder>> = {
  plate: { type: 'plate', positions: 'wells' },
  tipRack: { type: 'tip_rack', positions: 'spots' },
  trough: { type: 'trough' },
};

/** The spec as the builder returns it at run time, or undefined after a report. */
export function readAsset(reader: StaticReader, name: string, node: ts.Expression): AssetSpec | undefined {
  const example = 'machine.liquidHandler(), labware.plate({ wells: 96 }) or another of machine and labware';
  const found = readBuilderCall(reader, node, { families: ['machine', 'labware'], example });
  if (!found) return undefined;
  return found.family === 'machine' ? readMachine(reader, found) : readLabware(reader, name, found);
}

function readMachine(reader: StaticReader, found: BuilderCall): AssetSpec | undefined {
  const options = readOptions(reader, found, { description: 'text' });
  // PyLabRobot's front ends are named like the builders: liquidHandler makes LiquidHandler.
  const type = found.builder.charAt(0).toUpperCase() + found.builder.slice(1);
  return options && { kind: 'machine', type, ...Object.fromEntries(options) };
}

function readLabware(reader: StaticReader, name: string, found: BuilderCall): AssetSpec | undefined {
  const builder = Object.hasOwn(LABWARE, found.builder) ? LABWARE[found.builder] : undefined;
  if (!builder) {
    report(reader, found.call, `There is no labware.${found.builder}(); there are: ${Object.keys(LABWARE).join(', ')}.`);
    return undefined;
  }
  const types: OptionTypes = { description: 'text', ...(builder.positions === undefined ? {} : { [builder.positions]: 'number' }) };
  const options = readOptions(reader, found, types);
  if (!options) return undefined;
  const positions = builder.positions === undefined ? undefined : options.get(builder.positions);
  const description = options.get('description');
  if (positions !== undefined && !(Number.isSafeInteger(positions) && Number(positions) > 0)) {
    report(reader, found.call, `'${name}' must have a whole number of ${builder.positions ?? 'positions'} from 1.`);
    return undefined;
  }
  return {
    kind: 'labware',
    type: builder.type,
    ...(typeof positions === 'number' ? { positions } : {}),
    ...(typeof description === 'string' ? { description } : {}),
  };
}
