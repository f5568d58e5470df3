// Strikes: which runs ended a process of workflow code, and how often. Kept in the home, because they must outlive whatever
// dies.

import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Logger } from '../platform/logging.js';

/** Older ones are forgotten; their runs have ended, or get new ones. */
const KEPT_STRIKES_MAX = 1_000;

export interface Strikes {
  count(workflowId: string): number;
  /** Returns how many it has now. */
  add(workflowId: string): number;
  forgive(workflowId: string): void;
}

/** Those of a home. A file that cannot be read is as good as none. */
export function openStrikes(home: string, logger: Pick<Logger, 'warn'>): Strikes {
  const file = path.join(home, 'workflow-strikes.json');
  const strikes = createStrikes((kept) => {
    const part = `${file}.${process.pid}.part`;
    try {
      writeFileSync(part, JSON.stringify(kept), { mode: 0o600 });
      renameSync(part, file);
    } catch (error) {
      // A full disk must not end what keeps the other runs going; the strikes still count in this process.
      logger.warn({ error }, 'strikes could not be kept');
    }
  }, read(file));
  return strikes;
}

/** `keep` gets all of them after each change. */
export function createStrikes(
  keep: (strikes: Readonly<Record<string, number>>) => void = () => undefined,
  earlier: Readonly<Record<string, number>> = {},
): Strikes {
  const counts = new Map(Object.entries(earlier));
  const tell = (): void => {
    keep(Object.fromEntries(counts));
  };
  return {
    count: (workflowId) => counts.get(workflowId) ?? 0,
    add: (workflowId) => {
      const count = (counts.get(workflowId) ?? 0) + 1;
      counts.delete(workflowId);
      counts.set(workflowId, count);
      const [oldest] = counts.keys();
      if (counts.size > KEPT_STRIKES_MAX && oldest !== undefined) counts.delete(oldest);
      tell();
      return count;
    },
    forgive: (workflowId) => {
      if (counts.delete(workflowId)) tell();
    },
  };
}

function read(file: string): Record<string, number> {
  try {
    const kept = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    return Object.fromEntries(Object.entries(kept).filter((each): each is [string, number] => typeof each[1] === 'number'));
  } catch {
    // Missing, or half written by a machine that lost power: who deserves a strike gets it again.
    return {};
  }
}
