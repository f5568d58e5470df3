// Types of the catalogue as TypeScript: of arguments as authors give them, and of results as handles return them.

import type { Catalogue, CatalogueParameter, CatalogueType } from '../domain/catalogue/catalogue.js';
import { toArgumentName, toCamelCase } from '../domain/catalogue/argument-names.js';

/** What protocols cannot give, or the SDK gives by itself. */
const HIDDEN_ARGUMENTS: ReadonlySet<string> = new Set(['use_new_return_type', 'shake.duration', 'turn_on.duration']);

/** Leaves with a name of their own in the SDK. */
const LEAVES: Readonly<Record<string, string>> = {
  any: 'Json',
  bool: 'boolean',
  float: 'number',
  int: 'number',
  none: 'null',
  object: 'Json',
  str: 'string',
  Barcode: 'Barcode',
  Container: 'ContainerRef',
  Coordinate: 'Coordinate',
  HorizontalAccess: 'HorizontalAccess',
  ImagingResult: 'ImagingResult',
  Mix: 'Mix',
  Plate: '{ readonly $ref: string }',
  PlateHolder: 'Site',
  Powder: 'Powder',
  PreciseFlexCartesianCoords: 'ArmPosition',
  Protocol: 'TemperatureProtocol',
  Resource: 'LabwareHandle | ContainerRef',
  VerticalAccess: 'VerticalAccess',
  Well: 'ContainerRef',
};

/** Wants a function of Python, which no protocol can give. */
const UNGIVABLE: ReadonlySet<CatalogueType> = new Set(['AutoExposure', 'callable']);

/** Results whose type says less than is known. */
const RESULTS: Readonly<Record<string, string>> = {
  'PlateReader.read_absorbance': 'readonly PlateReading[]',
  'PlateReader.read_fluorescence': 'readonly PlateReading[]',
  'PlateReader.read_luminescence': 'readonly PlateReading[]',
  'PowderDispenser.dispense': 'readonly DispensedPowder[]',
  'IncubatorShakerStack.get_all_temperatures': 'Readonly<Record<string, number>>',
  'IncubatorShakerStack.request_loading_tray_states': 'Readonly<Record<string, string>>',
  'IncubatorShakerStack.request_shaking_states': 'Readonly<Record<string, boolean>>',
  'IncubatorShakerStack.request_temperature_control_states': 'Readonly<Record<string, boolean>>',
};

export interface RenderedArgument {
  readonly name: string;
  readonly original: string;
  readonly type: string;
  readonly required: boolean;
  readonly default: CatalogueParameter['default'];
}

/** The arguments of a method that a protocol can give. */
export function listArguments(catalogue: Catalogue, frontEnd: string, method: string): readonly RenderedArgument[] {
  const parameters = catalogue.frontends[frontEnd]?.methods[method]?.parameters ?? [];
  return parameters
    .filter(({ name }) => !HIDDEN_ARGUMENTS.has(name) && !HIDDEN_ARGUMENTS.has(`${method}.${name}`))
    .map((parameter) => ({
      name: toArgumentName(frontEnd, method, parameter.name),
      original: parameter.name,
      type: toTypeText(catalogue, dropNone(parameter.type)),
      required: parameter.required,
      default: parameter.default,
    }));
}

export interface BackendArguments {
  readonly name: string;
  readonly type: string;
  /** Backends that need it; all others may leave it out. */
  readonly requiredBy: readonly string[];
}

/** What the backends of a front end take beside, under their own names; their types joined where they differ. */
export function listBackendArguments(catalogue: Catalogue, backends: readonly string[], method: string): readonly BackendArguments[] {
  const found = new Map<string, { types: Set<string>; requiredBy: string[] }>();
  for (const backend of backends) {
    for (const parameter of catalogue.backends[backend]?.methods[method]?.parameters ?? []) {
      const entry = found.get(parameter.name) ?? { types: new Set(), requiredBy: [] };
      entry.types.add(toTypeText(catalogue, dropNone(parameter.type)));
      if (parameter.required) entry.requiredBy.push(backend);
      found.set(parameter.name, entry);
    }
  }
  return [...found].map(([name, { types, requiredBy }]) => ({
    name,
    type: types.has('Json') ? 'Json' : [...types].sort().join(' | '),
    requiredBy,
  }));
}

export function toResultType(catalogue: Catalogue, frontEnd: string, method: string): string {
  const known = RESULTS[`${frontEnd}.${method}`];
  if (known !== undefined) return known;
  const returns = catalogue.frontends[frontEnd]?.methods[method]?.returns ?? 'none';
  return returns === 'none' || returns === 'any' ? 'void' : toTypeText(catalogue, returns);
}

/** How the handle reads the result, where it must. */
export function toResultReading(resultType: string): 'number' | 'readings' | undefined {
  if (resultType === 'number') return 'number';
  return resultType.includes('PlateReading') ? 'readings' : undefined;
}

export function toHandleMethod(method: string): string {
  return toCamelCase(method);
}

function toTypeText(catalogue: Catalogue, type: CatalogueType): string {
  if (typeof type === 'string') return toLeafText(catalogue, type);
  if ('list' in type) return toListText(toTypeText(catalogue, dropNone(type.list)));
  if ('literal' in type) return type.literal.map((member) => (typeof member === 'number' ? `${member}` : `'${member}'`)).join(' | ');
  if ('tuple' in type) return `readonly [${type.tuple.map((member) => toTypeText(catalogue, member)).join(', ')}]`;
  if ('dict' in type) return toDictText(catalogue, type.dict);
  const members = type.union.filter((member) => !UNGIVABLE.has(member)).map((member) => toTypeText(catalogue, member));
  return members.includes('Json') ? 'Json' : [...new Set(members)].join(' | ');
}

function toLeafText(catalogue: Catalogue, name: string): string {
  const members = catalogue.enums[name];
  if (members) return members.map((member) => `'${member}'`).join(' | ');
  // Value classes of single backends are given as plain objects of their fields.
  return LEAVES[name] ?? 'Json';
}

function toListText(item: string): string {
  return item.includes(' | ') ? `readonly (${item})[]` : `readonly ${item.startsWith('readonly ') ? `(${item})` : item}[]`;
}

function toDictText(catalogue: Catalogue, [key = 'str', value = 'any']: readonly CatalogueType[]): string {
  if (key === 'int' && value === 'float') return 'JointPosition';
  return `Readonly<Record<string, ${toTypeText(catalogue, value)}>>`;
}

function dropNone(type: CatalogueType): CatalogueType {
  if (typeof type === 'string' || !('union' in type)) return type;
  const members = type.union.filter((member) => member !== 'none');
  return members.length === 1 && members[0] !== undefined ? members[0] : { union: members };
}
