// The tokens of a lab on one machine, `tokens.json` in its home: who sends one is known by its role. Written once, for the
// owner of the home alone.

import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { LabError } from '../domain/errors/error.js';
import { isJsonObject } from '../domain/json/json.js';
import type { Role } from '../domain/people/role.js';
import { moveAsideWhatIsNoFile } from './move-aside.js';
import { replaceFile, syncFolder } from './replace-file.js';

export type Tokens = Readonly<Record<Role, string>>;

const TOKEN_BYTES = 24;
const TOKEN_LENGTH_MIN = 20;

/** Writes the file where there is none; one that is there stays as it is. */
export function ensureTokens(home: string): void {
  const file = toFile(home);
  moveAsideWhatIsNoFile(file);
  // What a power cut left of it; a file with anything in it may be somebody's mistake, and is refused when it is read.
  if (statSync(file, { throwIfNoEntry: false })?.size === 0) rmSync(file);
  const unfinished = `${file}.${process.pid}`;
  const tokens: Tokens = { operator: makeToken(), viewer: makeToken() };
  replaceFile(unfinished, `${JSON.stringify(tokens, null, 2)}\n`);
  try {
    // A link, not a rename: it fails where the file is there, and is never seen half-written.
    linkSync(unfinished, file);
    syncFolder(home);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(unfinished);
  }
}

/** Null where the lab has none: then only requests without a token are taken. */
export function readTokens(home: string): Tokens | null {
  const text = readText(toFile(home));
  if (text === null) return null;
  const { operator, viewer } = parse(text);
  if (isToken(operator) && isToken(viewer) && operator !== viewer) return { operator, viewer };
  throw new LabError('BAD_SETTING', {
    message: `${toFile(home)} does not hold two different tokens, operator and viewer, of at least ${TOKEN_LENGTH_MIN} characters.`,
    remedy: 'Correct the file, or remove it: the next start of the lab writes a new one.',
  });
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    // A folder in its place holds no tokens, and must not let anybody in without one.
    if (code === 'EISDIR') return '';
    throw error;
  }
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const tokens: unknown = JSON.parse(text);
    return isJsonObject(tokens) ? tokens : {};
  } catch {
    // What is not JSON holds no tokens, and is refused as that.
    return {};
  }
}

function isToken(value: unknown): value is string {
  return typeof value === 'string' && value.length >= TOKEN_LENGTH_MIN;
}

function makeToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

function toFile(home: string): string {
  return path.join(home, 'tokens.json');
}
