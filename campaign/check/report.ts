// Tells violations to people: the invariant, what was found, and the part of the tape that shows it.

import { INVARIANTS, type Found } from './check-lab.js';
import type { Evidence, TapeLine } from './evidence.js';

const TAPE_LINES_SHOWN = 20;
const VIOLATIONS_SHOWN = 20;

export function describeEvidence({ tape, journals, executions, database, observations }: Evidence): string {
  const rows = journals.reduce((sum, journal) => sum + journal.rows.length, 0);
  return `${tape.length} acts, ${rows} journal rows, ${executions.length} executions, ${database.runs.length} runs, ${database.commands.length} commands, ${observations.length} observations`;
}

export function describeFindings(found: readonly Found[], evidence: Evidence): string {
  if (found.length === 0) return `✓ ${INVARIANTS.length} invariants hold: ${describeEvidence(evidence)}.\n`;
  const shown = found.slice(0, VIOLATIONS_SHOWN).map(({ invariant, what }) => `✗ ${invariant} ${what}`);
  const more = found.length > VIOLATIONS_SHOWN ? [`  and ${found.length - VIOLATIONS_SHOWN} more`] : [];
  const [first] = found;
  const says = INVARIANTS.find(({ id }) => id === first?.invariant)?.says ?? '';
  return [...shown, ...more, `First violated: ${first?.invariant} ${says}`, ...showTape(first, evidence.tape), ''].join('\n');
}

/** The lines up to the last one that shows it. */
function showTape(found: Found | undefined, tape: readonly TapeLine[]): readonly string[] {
  const last = found ? Math.max(...found.tape) : 0;
  if (!found || found.tape.length === 0) return ['The tape does not show it.'];
  const at = tape.findIndex(({ n }) => n === last);
  return tape
    .slice(Math.max(0, at + 1 - TAPE_LINES_SHOWN), at + 1)
    .map((line) => `${found.tape.includes(line.n) ? '▌' : ' '} ${toText(line)}`);
}

function toText({ n, atMs, device, op, outcome, fence, commandId, before, after }: TapeLine): string {
  const changed = JSON.stringify({ before, after });
  return `${n} ${new Date(atMs).toISOString()} ${device}.${op} ${outcome} fence ${fence ?? '-'} ${commandId ?? '-'} ${changed.length > 160 ? `${changed.slice(0, 157)}...` : changed}`;
}
