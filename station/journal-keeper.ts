// Greets the bridge on every connection, before anybody else is heard on it: the journal is held against what Postgres knows
// of it, and the bridge is given the workcell as the database holds it. Works with Postgres away, by what was known before.

import { randomUUID } from 'node:crypto';
import type { Database } from '../db/connection/connect-database.js';
import * as losses from '../db/losses/journal-loss.queries.js';
import { getWorkcellSpec } from '../db/workcells/workcell.queries.js';
import { LabError } from '../domain/errors/error.js';
import {
  judgeJournal,
  type JournalLoss,
  type JournalVerdict,
  type KnownJournal,
  type RowMark,
} from '../domain/workcells/journal-identity.js';
import type { WorkcellSpec } from '../domain/workcells/workcell-spec.js';
import type { BridgeHello } from '../domain/wire/wire.js';
import type { Logger } from '../platform/logging.js';
import type { Link } from '../workcell/bridge-client.js';
import { fenceAllLost, type LostRunFence } from './fence-lost-runs.js';
import { waitForDatabase } from '../db/connection/wait-for-database.js';

export interface KeeperWorld {
  readonly db: Database;
  readonly workcell: string;
  readonly logger: Logger;
  readonly now: () => number;
  /** Of what was ended from outside while the bridge was away; without it nothing is told of that. */
  readonly fence?: LostRunFence;
}

export interface JournalKeeper {
  /** Throws where the bridge can't be spoken to, and at the first time where Postgres can't. */
  greet(link: Link): Promise<void>;
  /** The newest row that is safe in Postgres. */
  noteShipped(bridgeId: string, mark: RowMark): void;
  /** A person has looked. Throws JOURNAL_NOT_LOST. */
  accept(link: Link, wish: { by: string; note: string }): Promise<void>;
  /** Tells Postgres of a loss that it could not be told of before. */
  tellLoss(): Promise<void>;
}

/** What is remembered between greetings, for when Postgres is away. */
interface Keeping extends KeeperWorld {
  /** What Postgres said last, by the id of the journal that greeted. */
  readonly known: Map<string, KnownJournal>;
  spec?: WorkcellSpec;
  untold?: JournalLoss | undefined;
}

export function createJournalKeeper(world: KeeperWorld): JournalKeeper {
  const keeping: Keeping = { ...world, known: new Map() };
  let turn: Promise<unknown> = Promise.resolve();
  /** One greeting after the other: two connections must not judge, and rename, side by side. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work, work);
    turn = mine.catch(() => undefined);
    return mine;
  };
  return {
    greet: (link) => inTurn(() => greet(keeping, link)),
    noteShipped: (bridgeId, mark) => {
      const before = keeping.known.get(bridgeId);
      if (before !== undefined) keeping.known.set(bridgeId, { ...before, hasCommands: true, shipped: mark });
    },
    accept: (link, wish) => inTurn(() => accept(keeping, link, wish)),
    // Behind an acceptance that is under way, and never after it with a loss of before.
    tellLoss: () => inTurn(() => tellLoss(keeping)),
  };
}

async function greet(keeping: Keeping, link: Link): Promise<void> {
  const hello = await link.request('hello', {});
  if (hello.lost !== null) {
    keeping.untold = hello.lost;
  } else {
    const verdict = await judge(keeping, link, hello);
    if (verdict.is === 'lost') keeping.untold = await lose(keeping, { link, hello, verdict });
    if (verdict.is === 'new' || (verdict.is === 'known' && keeping.known.get(hello.bridgeId)?.expectedId === null))
      await adopt(keeping, hello.bridgeId);
  }
  await waitForDatabase(tellLoss(keeping)).catch((error: unknown) => {
    warn(keeping, error);
  });
  await applySpec(keeping, link);
  // Before a command is heard on this connection. A lost journal hears it when it is accepted.
  await keeping.fence?.greet(link);
}

async function judge(keeping: Keeping, link: Link, hello: BridgeHello): Promise<JournalVerdict> {
  const what = await readKnown(keeping, hello.bridgeId);
  const { shipped } = what;
  // Rows are written and shipped meanwhile: how far the journal goes is asked after Postgres, how far it was shipped before.
  const { lastRow } = shipped && shipped.row > hello.lastRow ? await link.request('hello', {}) : hello;
  const kept = shipped && shipped.row <= lastRow ? await readRow(link, shipped.row) : undefined;
  return judgeJournal(keeping.workcell, { ...hello, lastRow }, { known: what, kept });
}

async function readKnown({ db, workcell, logger, known }: Keeping, bridgeId: string): Promise<KnownJournal> {
  const fresh = await waitForDatabase(losses.readKnownJournal(db, workcell, bridgeId), known.size === 0).catch((error: unknown) => {
    if (known.size === 0) throw error;
    logger.warn({ err: error }, 'the journal is held against what was known of it before');
    return undefined;
  });
  const [some] = known.values();
  const found = fresh ??
    known.get(bridgeId) ?? { expectedId: some?.expectedId ?? null, hasCommands: true, shipped: undefined, newestAtMs: null };
  known.set(bridgeId, found);
  return found;
}

interface Losing {
  readonly link: Link;
  readonly hello: BridgeHello;
  readonly verdict: Extract<JournalVerdict, { is: 'lost' }>;
}

async function lose(keeping: Keeping, { link, hello, verdict: { because, isWhole, isCopy } }: Losing): Promise<JournalLoss> {
  const { db, logger } = keeping;
  const loss = { because, foundAtMs: findTime(keeping), isWhole };
  logger.error(
    { bridgeId: hello.bridgeId, lastRow: hello.lastRow, shippedRow: hello.shippedRow, compactedRow: hello.compactedRow },
    because,
  );
  const bridgeId = isCopy ? randomUUID() : undefined;
  // A new name is known here before the bridge has it; rows that were let go are in no place any more, and shipping goes on after them.
  const shippedBefore = bridgeId === undefined ? hello.compactedRow : await findCommonRow(db, link, hello);
  await losses.beginShippingAfter(db, bridgeId ?? hello.bridgeId, shippedBefore).catch((error: unknown) => {
    warn(keeping, error);
  });
  await link.request('journal.lose', { ...loss, ...(bridgeId !== undefined && { bridgeId }) });
  return loss;
}

/** What was asked for before the loss has a time before this one, also where the clock was set back since, or stood ahead when it was asked. */
function findTime({ now, known }: Keeping): number {
  return Math.max(now(), ...[...known.values()].flatMap(({ newestAtMs, shipped }) => [newestAtMs ?? 0, shipped?.atMs ?? 0]));
}

async function tellLoss(keeping: Keeping): Promise<void> {
  const loss = keeping.untold;
  if (loss === undefined) return;
  await losses.recordLoss(keeping.db, keeping.workcell, loss);
  if (keeping.untold === loss) keeping.untold = undefined;
}

function warn({ logger }: Keeping, error: unknown): void {
  logger.warn({ err: error }, 'Postgres was not told of a lost journal yet');
}

async function adopt(keeping: Keeping, bridgeId: string): Promise<void> {
  await losses.adoptJournal(keeping.db, keeping.workcell, bridgeId);
  keeping.known.clear();
  await readKnown(keeping, bridgeId);
  keeping.logger.info({ bridgeId }, 'the workcell works with this journal from now on');
}

async function applySpec(keeping: Keeping, link: Link): Promise<void> {
  const { db, workcell, logger } = keeping;
  const isFirst = keeping.spec === undefined;
  const held = await waitForDatabase(getWorkcellSpec(db, workcell), isFirst).catch((error: unknown) => {
    if (keeping.spec === undefined) throw error;
    return keeping.spec;
  });
  try {
    const { changed } = await link.request('workcell.apply', { spec: held });
    keeping.spec = held;
    if (isFirst || changed) logger.info({ workcell, changed }, 'the bridge holds the workcell');
  } catch (error) {
    // Commands are running there under the description of before; the next greeting brings the new one.
    if (isFirst || !(error instanceof LabError) || error.category === 'infra') throw error;
    logger.warn({ err: error }, 'the bridge does not take the workcell as the database holds it');
  }
}

async function accept(keeping: Keeping, link: Link, wish: { by: string; note: string }): Promise<void> {
  const { db, workcell, logger, now } = keeping;
  const { bridgeId, lost, highestFence } = await link.request('hello', {});
  const { lost: shown } = await losses.getWorkcellJournal(db, workcell);
  if (lost === null && shown === null) throw new LabError('JOURNAL_NOT_LOST');
  const granted = await losses.listGrantedFences(db, workcell);
  // What Postgres has forgotten may still be under way: whoever was granted a machine before is superseded.
  const fences = lost?.isWhole === true ? Object.fromEntries(Object.keys(granted).map((machine) => [machine, highestFence + 1])) : granted;
  await losses.raiseFences(db, highestFence + 1);
  // What was ended from outside stays so under the new journal, from its first command on.
  await fenceAllLost(keeping, link);
  const known = lost?.isWhole === true ? 0 : await tellEnds(db, workcell, link);
  await link.request('journal.accept', { ...wish, fences });
  await losses.recordAcceptance(db, { workcell, bridgeId, ...wish, atMs: now() });
  keeping.untold = undefined;
  keeping.known.clear();
  await readKnown(keeping, bridgeId);
  logger.warn({ bridgeId, known, ...wish }, 'a person has accepted the journal');
}

/** Gives a journal that has forgotten them the ends of commands that open runs may ask for again. Returns how many it did not know. */
async function tellEnds(db: Database, workcell: string, link: Link): Promise<number> {
  let added = 0;
  for (let after: losses.EndsCursor | undefined, isMore = true; isMore; ) {
    const page = await losses.listKnownEnds(db, workcell, after);
    if (page.ends.length > 0) added += (await link.request('journal.know', { commands: page.ends })).added;
    after = page.next;
    isMore = after !== undefined;
  }
  return added;
}

async function readRow(link: Link, row: number): Promise<RowMark | undefined> {
  const { rows } = await link.request('journal.read', { after: row - 1, limit: 1, waitMs: 0 });
  const found = rows[0];
  return found?.row === row ? { row, kind: found.kind, atMs: found.atMs } : undefined;
}

/** The last row that journal and Postgres have in common: from there on the copy went its own way. */
async function findCommonRow(db: Database, link: Link, { bridgeId, lastRow, compactedRow }: BridgeHello): Promise<number> {
  let [common, differs] = [compactedRow, lastRow + 1];
  while (differs - common > 1) {
    const middle = Math.floor((common + differs) / 2);
    const [here, there] = await Promise.all([readRow(link, middle), losses.findShippedRow(db, bridgeId, middle)]);
    if (here !== undefined && here.kind === there?.kind && here.atMs === there.atMs && there.row === middle) common = middle;
    else differs = middle;
  }
  return common;
}
