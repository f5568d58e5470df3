// Brings into the rows of labware where the bridge says that it stands: after a command, a statement of a person, a
// changed workcell. The last word of a batch counts.

import { sql } from 'kysely';
import type { LabwarePlace } from '../../domain/workcells/workcell-spec.js';
import { isJsonObject, type Json, type JsonObject } from '../../domain/json/json.js';
import type { JournalRow } from '../../domain/wire/wire.js';
import type { Transaction } from '../connection/connect-database.js';
import { toText } from '../connection/postgres-text.js';

export async function projectPlaces(tx: Transaction, rows: readonly JournalRow[]): Promise<void> {
  const places = new Map<string, LabwarePlace>();
  for (const { kind, body } of rows) {
    for (const [name, place] of readPlaces(kind === 'CONFIG' ? body['state'] : body['delta'])) places.set(name, place);
  }
  if (places.size === 0) return;
  // In the order of their names, as every batch does it, so that two of them can't wait in a circle.
  const names = [...places.keys()].sort();
  await sql`
    with moved as (
      select l.asset_id, g.place from unnest(${names.map(toText)}::text[], ${names.map((name) => JSON.stringify(places.get(name)))}::json[]) as g (name, place)
      join asset a on a.name = g.name and a.kind = 'labware' join labware l on l.asset_id = a.id order by g.name for update of l)
    update labware set place = moved.place from moved where labware.asset_id = moved.asset_id`.execute(tx);
}

function readPlaces(entries: Json | undefined): [string, LabwarePlace][] {
  if (entries === undefined || !isJsonObject(entries)) return [];
  return Object.entries(entries).flatMap(([name, entry]) => {
    const place = isJsonObject(entry) ? entry['place'] : undefined;
    return place !== undefined && isJsonObject(place) && isPlace(place)
      ? [[name, place as unknown as LabwarePlace] as [string, LabwarePlace]]
      : [];
  });
}

function isPlace({ carrier, machine, site, gripper, on }: JsonObject): boolean {
  const isSite = site === undefined || Number.isInteger(site);
  if (typeof carrier === 'string') return isSite && site !== undefined;
  return (typeof machine === 'string' && isSite) || typeof gripper === 'string' || typeof on === 'string';
}
