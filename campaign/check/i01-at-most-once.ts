// I1: a command acts at most once; a second act is another command, which a person asked for by name.

import type { Evidence, Invariant, JournalRow, Violation } from './evidence.js';
import { isRepeatable } from './repeatable.js';
import { fieldsOf, listTrails, toEarlierId, type Trail } from './trails.js';

export const atMostOnce: Invariant = {
  id: 'I1',
  says: 'A command acts at most once; a second act needs a person who asked for it.',
  check(evidence) {
    const trails = new Map(listTrails(evidence).map((trail) => [trail.id, trail]));
    return [...trails.values()].flatMap((trail) => [
      ...checkActs(trail),
      ...checkSends(trail, evidence),
      ...checkRetry(trail, trails, evidence),
    ]);
  },
};

/** Every act stands behind a SENT of its own. */
function checkActs({ id, acts, sent }: Trail): readonly Violation[] {
  if (acts.length <= sent.length) return [];
  return [{ what: `${id} acted ${acts.length} times and was sent ${sent.length} times.`, tape: acts.map(({ n }) => n) }];
}

/** The same step is sent again only where doing it twice is doing it once, and only by a bridge that began anew in between. */
function checkSends(trail: Trail, evidence: Evidence): readonly Violation[] {
  const seen = new Map<unknown, JournalRow>();
  const violations: Violation[] = [];
  for (const row of trail.sent) {
    const step = row.body['step'] ?? 1;
    const before = seen.get(step);
    const isRightful = before === undefined || (isRepeatable(trail.method) && hasBootBetween(before, row, evidence));
    if (!isRightful)
      violations.push({
        what: `${trail.id} (${trail.method}) was sent twice: rows ${before?.row} and ${row.row} of the journal.`,
        tape: trail.acts.map(({ n }) => n),
      });
    seen.set(step, row);
  }
  return violations;
}

function hasBootBetween(before: JournalRow, after: JournalRow, { journals }: Evidence): boolean {
  const journal = journals.find(({ rows }) => rows.includes(after));
  return journal?.rows.some(({ kind, row }) => kind === 'BOOT' && row > before.row && row < after.row) ?? false;
}

/** A higher retry number that acts: a person said so, or the try before it moved nothing. */
function checkRetry(trail: Trail, trails: ReadonlyMap<string, Trail>, { database }: Evidence): readonly Violation[] {
  if (trail.retry === 0 || trail.acts.length === 0 || isRepeatable(trail.method)) return [];
  const earlier = toEarlierId(trail.id, trail.retry - 1);
  const wasStill = (trails.get(earlier)?.acts.length ?? 0) === 0 && fieldsOf(trails.get(earlier)?.end?.body['outcome'])['sends'] === 0;
  const asked = database.inbox.some(
    ({ subject, answer, answeredBy, status }) =>
      subject['commandId'] === earlier && status === 'answered' && (answeredBy ?? '') !== '' && fieldsOf(answer)['then'] === 'retry',
  );
  if (wasStill || asked) return [];
  return [{ what: `${trail.id} acted, and nobody on record asked to try ${earlier} again.`, tape: trail.acts.map(({ n }) => n) }];
}
