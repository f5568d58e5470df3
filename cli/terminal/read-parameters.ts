// Reads the parameters of a run from the command line: `-p name=value`, a file in the place of a value with `-p name=@file`, and all of
// them in a file of JSON with --params. Texts and files are sent as they are; the API reads them, as it reads those of any other client.

import { closeSync, openSync, readFileSync, fstatSync } from 'node:fs';
import path from 'node:path';
import { CliError, EXIT_BAD_INPUT } from './exit.js';
import { parseAssignments } from './parse-assignments.js';
import { LabError } from '../../domain/errors/error.js';
import { isJsonObject, type Json, type JsonObject } from '../../domain/json/json.js';
import { readJson } from '../../domain/json/read-json.js';
import { decodeText } from '../../domain/values/decode-text.js';

/** Of one file: what the API takes in a request, with room for what JSON adds to it. */
const FILE_LIMIT_BYTES = 12 * 1024 * 1024;
const STANDARD_INPUT = '-';
const STANDARD_INPUT_NAME = 'standard input';

export interface ParameterOptions {
  readonly param: readonly string[];
  /** A file of JSON, or `-`. */
  readonly params?: string;
}

export interface GivenParameters {
  readonly parameters: JsonObject;
  /** Names of the files that values came from. */
  readonly files: Readonly<Record<string, string>>;
}

/** What -p says goes before the file. Throws BAD_OPTION and FILE_UNREADABLE. */
export function readParameters({ param, params }: ParameterOptions): GivenParameters {
  const texts = Object.entries(parseAssignments('-p', param));
  const inputs = texts.filter(([, text]) => text === `@${STANDARD_INPUT}`).length + (params === STANDARD_INPUT ? 1 : 0);
  if (inputs > 1) throw refuse('Standard input can be read once only.', 'Put one of the two into a file.');
  const files: Record<string, string> = {};
  const read = texts.map(([name, text]): [string, Json] => {
    if (!text.startsWith('@')) return [name, text];
    if (text.startsWith('@@')) return [name, text.slice(1)];
    const file = text.slice(1);
    files[name] = nameFile(file);
    return [name, readText(file, `-p ${name}`)];
  });
  return { parameters: { ...(params === undefined ? {} : readParameterFile(params)), ...Object.fromEntries(read) }, files };
}

function readParameterFile(file: string): JsonObject {
  const read = readJson(readText(file, '--params'), '{');
  const name = nameFile(file);
  if (read === undefined || ('value' in read && !isJsonObject(read.value)))
    throw refuse(`${name} holds no JSON object.`, 'Write it as: {"numDilutions": 8}. A table goes by itself: -p rows=@picks.csv');
  if ('fault' in read) throw refuse(`${name} cannot be read: ${read.fault}.`, 'Write it as: {"numDilutions": 8}.');
  return read.value as JsonObject;
}

function readText(file: string, option: string): string {
  const bytes = readBytes(file, option);
  try {
    return decodeText(bytes, nameFile(file));
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    throw new CliError(EXIT_BAD_INPUT, { code: error.code, field: option, message: error.message, remedy: error.remedy });
  }
}

function readBytes(file: string, option: string): Uint8Array {
  if (file === '') throw refuse(`${option} names no file behind the @.`, `Write it as: ${option}=@picks.csv`);
  let descriptor: number | undefined;
  try {
    descriptor = file === STANDARD_INPUT ? 0 : openSync(file, 'r');
    const { size } = fstatSync(descriptor);
    if (size > FILE_LIMIT_BYTES) throw tooLarge(file, size);
    const bytes = readFileSync(descriptor);
    if (bytes.length > FILE_LIMIT_BYTES) throw tooLarge(file, bytes.length);
    return bytes;
  } catch (error) {
    if (error instanceof CliError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw refuse(
      `${nameFile(file)} cannot be read (${why}).`,
      `Check its name; a text that begins with @ is written with two: ${option}=@@…`,
    );
  } finally {
    if (descriptor !== undefined && descriptor !== 0) closeSync(descriptor);
  }
}

function tooLarge(file: string, bytes: number): CliError {
  return refuse(`${nameFile(file)} has ${bytes} bytes; the limit is ${FILE_LIMIT_BYTES}.`, 'Hand over the rows that this run needs.');
}

function nameFile(file: string): string {
  return file === STANDARD_INPUT ? STANDARD_INPUT_NAME : path.basename(file);
}

function refuse(message: string, remedy: string): CliError {
  return new CliError(EXIT_BAD_INPUT, { code: 'BAD_OPTION', message, remedy });
}
