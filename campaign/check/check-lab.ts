// All invariants over one evidence.

import type { Evidence, Invariant, Violation } from './evidence.js';
import { atMostOnce } from './i01-at-most-once.js';
import { noPhantom } from './i02-no-phantom.js';
import { noSilentLoss } from './i03-no-silent-loss.js';
import { order } from './i04-order.js';
import { fence } from './i05-fence.js';
import { claims } from './i06-claims.js';
import { conservation } from './i07-conservation.js';
import { history } from './i08-history.js';
import { status } from './i09-status.js';
import { idempotency } from './i10-idempotency.js';
import { pause } from './i11-pause.js';
import { cancel } from './i12-cancel.js';
import { audit } from './i13-audit.js';
import { feed } from './i14-feed.js';
import { everyRunEnds } from './i15-every-run-ends.js';
import { tailOk } from './i16-tail-ok.js';
import { stopAll } from './i17-stop-all.js';
import { journalLost } from './i18-journal-lost.js';
import { neighbours } from './i19-neighbours.js';
import { payloads } from './i20-payloads.js';
import { oneServer } from './i21-one-server.js';
import { stops } from './i22-stops.js';
import { cleanups } from './i23-cleanups.js';
import { nothingBelow } from './i24-nothing-below.js';
import { holds } from './i25-holds.js';
import { revisions } from './i26-revisions.js';

export const INVARIANTS: readonly Invariant[] = [
  ...[atMostOnce, noPhantom, noSilentLoss, order, fence, claims, conservation, history, status],
  ...[idempotency, pause, cancel, audit, feed, everyRunEnds, tailOk, stopAll, journalLost, neighbours],
  ...[payloads, oneServer, stops, cleanups, nothingBelow, holds, revisions],
];

export interface Found extends Violation {
  readonly invariant: string;
}

export function checkLab(evidence: Evidence): readonly Found[] {
  return INVARIANTS.flatMap(({ id, check }) => check(evidence).map((violation) => ({ invariant: id, ...violation })));
}
