// Holds what a workcell file says against what a workcell is: every field that is missing, misspelt or of the wrong kind, by its
// path. What only PyLabRobot knows (types, carriers, capacities) is found where the workcell is built.

import { LABWARE_CATEGORIES } from '../catalogue/labware-category.js';
import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../json/json.js';
import { findNearMatches } from '../text/near-match.js';

export interface WorkcellFault {
  /** `labware.3.fresh.wellsul` */
  readonly path: string;
  readonly message: string;
}

type Kind = 'text' | 'name' | 'object' | 'objectOrNull' | 'list' | 'boolean' | 'fresh' | 'category' | 'mode';
type Fields = Readonly<Record<string, { readonly kind: Kind; readonly isOptional?: true }>>;

const WORKCELL: Fields = { name: { kind: 'name' }, machines: { kind: 'list' }, deck: { kind: 'objectOrNull' }, labware: { kind: 'list' } };
const MACHINE: Fields = {
  name: { kind: 'name' },
  frontend: { kind: 'text' },
  backend: { kind: 'text' },
  backendArguments: { kind: 'object' },
  frontendArguments: { kind: 'object', isOptional: true },
  location: { kind: 'object', isOptional: true },
  mode: { kind: 'mode' },
};
const LABWARE: Fields = {
  name: { kind: 'name' },
  type: { kind: 'text' },
  category: { kind: 'category' },
  location: { kind: 'object' },
  fresh: { kind: 'fresh' },
  autoReplace: { kind: 'boolean' },
};
const FRESH = ['volumeUl', 'wellsUl'] as const;
const MODES = ['simulation', 'hardware'] as const;
const WELL = /^[A-Z]+[1-9]\d*$/u;

export function checkWorkcellSpec(value: Json): readonly WorkcellFault[] {
  if (!isJsonObject(value)) return [{ path: '', message: 'A workcell is an object with name, machines, deck and labware.' }];
  return [
    ...checkFields(value, WORKCELL, ''),
    ...checkItems(value['machines'], MACHINE, 'machines'),
    ...checkItems(value['labware'], LABWARE, 'labware'),
  ];
}

function checkItems(items: Json | undefined, fields: Fields, path: string): readonly WorkcellFault[] {
  if (items === undefined || items === null || !isJsonArray(items)) return [];
  return items.flatMap((item, k) =>
    isJsonObject(item) ? checkFields(item, fields, `${path}.${k}.`) : [{ path: `${path}.${k}`, message: 'It must be an object.' }],
  );
}

function checkFields(item: JsonObject, fields: Fields, path: string): readonly WorkcellFault[] {
  const known = Object.keys(fields);
  const name = typeof item['name'] === 'string' ? ` of ${item['name']}` : '';
  const unknown = Object.keys(item).filter((key) => !known.includes(key));
  const missing = Object.entries(fields).filter(([key, { isOptional }]) => isOptional !== true && item[key] === undefined);
  return [
    ...unknown.map((key) => ({ path: `${path}${key}`, message: `${key}${name} is not known; ${suggest(key, known)}` })),
    ...missing.map(([key]) => ({ path: path.replace(/\.$/u, ''), message: `${key}${name} is missing.` })),
    ...Object.entries(fields).flatMap(([key, { kind }]) => {
      const value = item[key];
      return value === undefined ? [] : checkValue(value, { kind, path: `${path}${key}`, label: `${key}${name}` });
    }),
  ];
}

function checkValue(value: Json, { kind, path, label }: { kind: Kind; path: string; label: string }): readonly WorkcellFault[] {
  const fault = (what: string): readonly WorkcellFault[] => [{ path, message: `${label} must be ${what}.` }];
  switch (kind) {
    case 'text':
      return typeof value === 'string' && value !== '' ? [] : fault('a text');
    case 'name':
      return typeof value === 'string' && /^\S+$/u.test(value) ? [] : fault('a text without blanks');
    case 'object':
      return isJsonObject(value) ? [] : fault('an object');
    case 'objectOrNull':
      return value === null || isJsonObject(value) ? [] : fault('an object, or null');
    case 'list':
      return value !== null && isJsonArray(value) ? [] : fault('a list');
    case 'boolean':
      return typeof value === 'boolean' ? [] : fault('true or false');
    case 'category':
      return LABWARE_CATEGORIES.some((known) => known === value) ? [] : fault(`one of ${LABWARE_CATEGORIES.join(', ')}`);
    case 'mode':
      return MODES.some((known) => known === value) ? [] : fault(`one of ${MODES.join(', ')}`);
    case 'fresh':
      return isJsonObject(value) ? checkFresh(value, path, label) : fault('an object with volumeUl or wellsUl');
  }
}

function checkFresh(fresh: JsonObject, path: string, label: string): readonly WorkcellFault[] {
  const unknown = Object.keys(fresh).filter((key) => !FRESH.some((known) => known === key));
  const wells = fresh['wellsUl'];
  const volumes = [
    ...(fresh['volumeUl'] === undefined ? [] : [['volumeUl', fresh['volumeUl']] as const]),
    ...(isJsonObject(wells) ? Object.entries(wells).map(([well, volume]) => [`wellsUl.${well}`, volume] as const) : []),
  ];
  const names = isJsonObject(wells) ? Object.keys(wells).filter((well) => !WELL.test(well)) : [];
  return [
    ...unknown.map((key) => ({ path: `${path}.${key}`, message: `${key} in ${label} is not known; ${suggest(key, FRESH)}` })),
    ...(wells === undefined || isJsonObject(wells)
      ? []
      : [{ path: `${path}.wellsUl`, message: `wellsUl in ${label} must be volumes by well.` }]),
    ...names.map((well) => ({ path: `${path}.wellsUl.${well}`, message: `'${well}' in ${label} is no well; write A1, B12.` })),
    ...volumes
      .filter(([, volume]) => typeof volume !== 'number' || volume < 0)
      .map(([key]) => ({ path: `${path}.${key}`, message: `${key} in ${label} must be a volume in µL from 0.` })),
  ];
}

function suggest(key: string, known: readonly string[]): string {
  const [near] = findNearMatches(key, known);
  return near === undefined ? `there are: ${known.join(', ')}.` : `did you mean ${near}?`;
}
