// What the door in front of Temporal's Web UI and those who print its address agree on: the key of the lab, and where the
// Web UI itself is. Both lie in the home, for its owner alone.

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isJsonObject } from '../domain/json/json.js';
import { replaceFile } from './replace-file.js';

const KEY_BYTES = 24;
const KEY_PATTERN = /^[\w-]{32}$/u;

/** Of the Web UI itself, which nobody but the door is told. */
export interface WebUiPlace {
  readonly host: string;
  readonly port: number;
}

/** The key of the lab; it stays the same over starts, so that a tab that is open stays open. One that is damaged is made anew. */
export function ensureDoorKey(home: string): string {
  const found = readDoorKey(home);
  if (found !== null) return found;
  const key = randomBytes(KEY_BYTES).toString('base64url');
  replaceFile(toKeyFile(home), `${JSON.stringify({ key })}\n`);
  return key;
}

export function readDoorKey(home: string): string | null {
  const key = readObject(toKeyFile(home))['key'];
  return typeof key === 'string' && KEY_PATTERN.test(key) ? key : null;
}

/** As it is printed: the runs of the lab, which live in its namespace; the browser that opens it has the session until it is closed. */
export function toDoorAddress(port: number, namespace: string, key: string): string {
  return `http://127.0.0.1:${port}/namespaces/${encodeURIComponent(namespace)}/workflows?key=${key}`;
}

export function writeWebUiPlace(home: string, place: WebUiPlace): void {
  replaceFile(toPlaceFile(home), `${JSON.stringify(place)}\n`);
}

/** Null where no Web UI was started. */
export function readWebUiPlace(home: string): WebUiPlace | null {
  const { host, port } = readObject(toPlaceFile(home));
  return typeof host === 'string' && typeof port === 'number' ? { host, port } : null;
}

function readObject(file: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isJsonObject(value) ? value : {};
  } catch {
    // Not there, or cut short: the next start writes it anew.
    return {};
  }
}

function toKeyFile(home: string): string {
  return path.join(home, 'temporal-door.json');
}

function toPlaceFile(home: string): string {
  return path.join(home, 'temporal', 'web-ui.json');
}
