// Reads the body of a request: JSON, or where a route takes files a form with parts, as curl and a browser send it. Files become text here,
// under the name of their parameter, so that all behind it sees one kind of request.

import express, { type RequestHandler } from 'express';
import type { RouteContract } from '../../contract/http/route.js';
import { LabError } from '../../domain/errors/error.js';
import { findRepeatedName } from '../../domain/json/read-json.js';
import type { Json } from '../../domain/json/json.js';
import { decodeText } from '../../domain/values/decode-text.js';

/** Of routes that say nothing else. */
export const BODY_LIMIT_BYTES = 1024 * 1024;
const FORM = 'multipart/form-data';
/** Parts of a form that are numbers in JSON. */
const NUMBERS: ReadonlySet<string> = new Set(['priority', 'timeScale']);
const GROUPED = /^(parameters|assets)\.(.+)$/u;
const FILE_NAME_LIMIT_CHARACTERS = 255;

export function readBody(contract: RouteContract): RequestHandler[] {
  if (contract.body === undefined) return [];
  const limit = contract.bodyLimitBytes ?? BODY_LIMIT_BYTES;
  const readJson = express.json({ limit, strict: false, verify: refuseRepeatedNames });
  if (contract.takesFiles !== true) return [demandType(['application/json']), readJson];
  return [demandType(['application/json', FORM]), readJson, express.raw({ type: FORM, limit }), readForm];
}

function demandType(types: readonly string[]): RequestHandler {
  return (request, _response, next) => {
    // Any other type would also let a foreign page write without asking the browser first; a form of one is known by its Origin.
    if (request.is([...types]) === false || request.headers['content-type'] === undefined) {
      const given = request.headers['content-type'] ?? 'none';
      throw new LabError('UNSUPPORTED_MEDIA_TYPE', {
        message: `The Content-Type is ${given}; this route takes ${types.join(' or ')}.`,
        field: 'body',
      });
    }
    next();
  };
}

function refuseRepeatedNames(_request: unknown, _response: unknown, body: Buffer): void {
  const repeated = findRepeatedName(body.toString());
  if (repeated === undefined) return;
  throw new LabError('MALFORMED_JSON', {
    message: `'${repeated}' stands twice in one object of the request body, and the first would be lost.`,
    field: 'body',
    remedy: 'Leave one of them out.',
  });
}

const readForm: RequestHandler = async (request, _response, next) => {
  if (request.is(FORM) === FORM) request.body = await toRequest(request.body as Buffer, request.headers['content-type'] ?? '');
  next();
};

async function toRequest(body: Buffer, contentType: string): Promise<unknown> {
  let form: FormData;
  try {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- deprecated for bodies of any size; this one is limited and whole already
    form = await new Response(body, { headers: { 'content-type': contentType } }).formData();
  } catch (error) {
    throw new LabError('INVALID_REQUEST', { message: 'The form in the request body cannot be read.', field: 'body', cause: error });
  }
  const plain = new Map<string, Json>();
  const groups = { parameters: new Map<string, Json>(), assets: new Map<string, Json>(), files: new Map<string, Json>() };
  const seen = new Set<string>();
  for (const [name, part] of form.entries()) {
    if (seen.has(name)) throw new LabError('INVALID_REQUEST', { message: `The part '${name}' stands twice in the form.`, field: name });
    seen.add(name);
    const text = typeof part === 'string' ? part : decodeText(new Uint8Array(await part.arrayBuffer()), toFileName(part.name));
    const [, group, member] = GROUPED.exec(name) ?? [];
    if ((group !== 'parameters' && group !== 'assets') || member === undefined) {
      plain.set(name, NUMBERS.has(name) && /^-?\d+(?:\.\d+)?$/u.test(text) ? Number(text) : text);
      continue;
    }
    groups[group].set(member, text);
    if (group === 'parameters' && typeof part !== 'string') groups.files.set(member, toFileName(part.name));
  }
  const filled = Object.entries(groups).filter(([, members]) => members.size > 0);
  return { ...Object.fromEntries(plain), ...Object.fromEntries(filled.map(([name, members]) => [name, Object.fromEntries(members)])) };
}

/** Browsers and curl send the name without its folder; others may not. */
function toFileName(name: string): string {
  return name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1).slice(-FILE_NAME_LIMIT_CHARACTERS) || 'the file';
}
