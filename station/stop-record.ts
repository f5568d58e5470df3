// <home>/stop-all/<workcell>.json: how a person's programs reach worker and bridge of a workcell directly. The token is made
// once; the address is asked for again at each start.

import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isJsonObject } from '../domain/json/json.js';
import { STOP_FOLDER, type StopRecord } from '../domain/workcells/stop-all.js';

const TOKEN_BYTES = 32;

/** What an earlier worker left; without one, or where it can't be read, a new token. */
export function readStopRecord(home: string, workcell: string): { readonly token: string; readonly port: number } {
  const file = toFile(home, workcell);
  const kept: unknown = existsSync(file) ? parse(readFileSync(file, 'utf8')) : undefined;
  if (isJsonObject(kept) && typeof kept['token'] === 'string' && typeof kept['url'] === 'string' && URL.canParse(kept['url'])) {
    return { token: kept['token'], port: Number(new URL(kept['url']).port) };
  }
  return { token: randomBytes(TOKEN_BYTES).toString('base64url'), port: 0 };
}

export function writeStopRecord(home: string, record: StopRecord): void {
  const file = toFile(home, record.workcell);
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  renameSync(unfinished, file);
}

function toFile(home: string, workcell: string): string {
  return path.join(home, STOP_FOLDER, `${workcell}.json`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Somebody has edited it; a new one takes its place.
    return undefined;
  }
}
