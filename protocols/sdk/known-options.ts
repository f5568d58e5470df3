// Options that author code gives beside what a method needs: one that the method does not have is refused by its name, with the
// one that was probably meant, because a misspelt speed would else be the machine's own.

import { toCamelCase } from '../../domain/catalogue/argument-names.js';
import { LabError } from '../../domain/errors/error.js';
import { findNearMatches } from '../../domain/text/near-match.js';

export interface KnownOptions {
  /** Of whom, as an author would write it: `aspirate()`. */
  readonly of: string;
  /** How it is called there: an argument, an option, a field. */
  readonly as: string;
  readonly names: readonly string[];
  /** PyLabRobot's name of each, which many know by heart; the same order. */
  readonly originals?: readonly string[];
}

/** Throws BAD_ARGUMENTS for what is no object, and for a name that it may not have. A value of undefined counts as left out. */
export function requireKnown(given: unknown, known: KnownOptions): void {
  if (given === undefined) return;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new LabError('BAD_ARGUMENTS', {
      message: `${known.of} takes its ${known.as}s as one object, not ${Array.isArray(given) ? 'a list' : `a ${typeof given}`}.`,
      remedy: `Write them by name: { ${known.names[0] ?? ''}: … }.`,
    });
  }
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || known.names.includes(name)) continue;
    throw new LabError('BAD_ARGUMENTS', {
      message: `${known.of} has no ${known.as} '${name}'; it has: ${known.names.join(', ') || 'none'}.${suggest(name, known)}`,
      remedy: 'Write one of the names that it has, with its unit.',
    });
  }
}

function suggest(given: string, { names, originals = [] }: KnownOptions): string {
  const byOriginal = names.filter((_, index) => originals[index] === given || toCamelCase(originals[index] ?? '') === given);
  const near = byOriginal.length > 0 ? byOriginal : findNearMatches(given, names);
  return near.length === 0 ? '' : ` Did you mean ${near.join(' or ')}?`;
}
