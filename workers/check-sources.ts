// Entry point `check-sources [--json] [file or folder]`: tells every mistake in the folders of protocols, in one of them, or in
// one file, without a lab. Exit codes: 0 no error, 1 errors, 2 nothing to check.

import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { LabError } from '../domain/errors/error.js';
import { formatSourceReport, type SourceReport } from '../domain/protocols/source-report.js';
import { readSettings } from '../platform/settings.js';
import { readProtocolSources } from '../protocols/bundling/bundle-protocols.js';
import { createTypeChecker } from '../protocols/checking/check-types.js';

const EXIT_ERRORS = 1;
const EXIT_BAD_INPUT = 2;

interface Wanted {
  readonly folders: readonly string[];
  /** Of one file only what is told of itself. */
  readonly file?: string;
}

try {
  const given = process.argv.slice(2);
  const isJson = given.includes('--json');
  const { folders, file } = findWanted(given.find((argument) => !argument.startsWith('--')));
  const { reports, definitions, places } = await readProtocolSources(folders, { types: createTypeChecker() });
  const told = file === undefined ? reports : reports.filter((report) => report.file === file);
  const names = definitions.map(({ name }) => name).filter((name) => isWanted(places.get(name) ?? '', folders, file));
  process.stdout.write(isJson ? `${JSON.stringify({ reports: told, protocols: names }, null, 2)}\n` : toText(told, names));
  process.exitCode = told.some(({ severity }) => severity === 'error') ? EXIT_ERRORS : 0;
} catch (error) {
  if (!(error instanceof LabError)) throw error;
  process.stderr.write(`error ${error.code}: ${error.message} Remedy: ${error.remedy}\n`);
  process.exitCode = EXIT_BAD_INPUT;
}

function findWanted(argument: string | undefined): Wanted {
  const known = readSettings().protocolFolders.map((folder) => path.resolve(folder));
  if (argument === undefined) return { folders: known.length > 0 ? known : [process.cwd()] };
  const target = path.resolve(argument);
  if (!existsSync(target))
    throw new LabError('SOURCE_UNREADABLE', { message: `${argument} is not there.`, remedy: 'Name a file or a folder of protocols.' });
  if (statSync(target).isDirectory()) return { folders: [target] };
  // A file is judged among those beside which it is published: it may import them, and have the name of one of theirs.
  const folder = known.find((each) => isBelow(each, target)) ?? path.dirname(target);
  return { folders: [folder], file: target };
}

function isWanted(place: string, folders: readonly string[], file: string | undefined): boolean {
  return file === undefined ? folders.some((folder) => isBelow(folder, place)) : place === file;
}

function isBelow(folder: string, file: string): boolean {
  const relative = path.relative(folder, file);
  return relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative);
}

function toText(reports: readonly SourceReport[], names: readonly string[]): string {
  const errors = reports.filter(({ severity }) => severity === 'error').length;
  const lines = reports.map((report) => formatSourceReport({ ...report, file: path.relative('', report.file) }));
  const found = names.length === 0 ? 'No sound protocol.' : `Sound: ${names.join(', ')}.`;
  return `${[...lines, `${found} ${errors === 1 ? '1 error' : `${errors} errors`}, ${reports.length - errors} warnings.`].join('\n')}\n`;
}
