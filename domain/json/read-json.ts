// JSON as text, read strictly: a name that stands twice in an object is refused, because the first value would be lost without a word.

import type { Json } from './json.js';

export type JsonReading = { readonly value: Json } | { readonly fault: string };

/** Undefined where the text does not begin as wanted, and so is no JSON at all. */
export function readJson(text: string, opening: '[' | '{'): JsonReading | undefined {
  if (!text.trimStart().startsWith(opening)) return undefined;
  const repeated = findRepeatedName(text);
  if (repeated !== undefined) return { fault: `'${repeated}' stands twice in it` };
  try {
    return { value: JSON.parse(text) as Json };
  } catch (error) {
    return { fault: `it is no JSON (${error instanceof Error ? error.message : String(error)})` };
  }
}

/** The first name that an object of the text has twice; undefined also where the text is no JSON. */
export function findRepeatedName(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const letter = text.charAt(at);
    if (letter === '{') open.push(new Set());
    else if (letter === '[') open.push(undefined);
    else if (letter === '}' || letter === ']') open.pop();
    if (letter !== '"') continue;
    const end = findQuote(text, at + 1);
    const names = open.at(-1);
    if (names !== undefined && isName(text, end + 1)) {
      const name = unescape(text.slice(at, end + 1));
      if (names.has(name)) return name;
      names.add(name);
    }
    at = end;
  }
  return undefined;
}

/** Where the text that began before ends. */
function findQuote(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charAt(at) !== '"') at += text.charAt(at) === '\\' ? 2 : 1;
  return at;
}

/** A text with a colon behind it is a name. */
function isName(text: string, from: number): boolean {
  let at = from;
  while (/^[ \t\r\n]$/u.test(text.charAt(at))) at += 1;
  return text.charAt(at) === ':';
}

function unescape(quoted: string): string {
  if (!quoted.includes('\\')) return quoted.slice(1, -1);
  try {
    return JSON.parse(quoted) as string;
  } catch {
    // Not JSON: whoever parses the whole says where.
    return quoted;
  }
}
