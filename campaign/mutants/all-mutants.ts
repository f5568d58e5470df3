// The planted bugs, in their order.

import { retryOnTimeout } from './01-retry-on-timeout.js';
import { noFence } from './02-no-fence.js';
import { claimsByTime } from './03-claims-by-time.js';
import { sentAfterSending } from './04-sent-after-sending.js';
import { endAfterReply } from './05-end-after-reply.js';
import { sentMissing } from './06-sent-missing.js';
import { redisAsAuthority } from './07-redis-as-authority.js';
import { attachIgnored } from './08-attach-ignored.js';
import { cancelBeforeCleanup } from './09-cancel-before-cleanup.js';
import { pauseSkippedInChildren } from './10-pause-skipped-in-children.js';
import { feedByTime } from './11-feed-by-time.js';
import { uncertainAsFailed } from './12-uncertain-as-failed.js';
import { neighboursFence } from './13-neighbours-fence.js';
import { deckWideRollback } from './14-deck-wide-rollback.js';
import { journalUnchecked } from './15-journal-unchecked.js';
import { cleanupForgotten } from './16-cleanup-forgotten.js';
import { portionByCount } from './17-portion-by-count.js';
import { unheardControl } from './18-unheard-control.js';
import { anotherWayUnseen } from './19-another-way-unseen.js';
import { childrenEndWithExecution } from './20-children-end-with-execution.js';
import { endNotAwaited } from './21-end-not-awaited.js';
import { strikesNotKept } from './22-strikes-not-kept.js';
import { orderOfTransactions } from './23-order-of-transactions.js';
import { answerWithdrawn } from './24-answer-withdrawn.js';
import { childrenLeftMoving } from './25-children-left-moving.js';
import { takenUnlooked } from './26-taken-unlooked.js';
import { lateWishUnheard } from './27-late-wish-unheard.js';
import { repetitionUnsaid } from './28-repetition-unsaid.js';
import { leftMoving } from './29-left-moving.js';
import { otherWayUnheld } from './30-other-way-unheld.js';
import { refusedLogEscapes } from './31-refused-log-escapes.js';
import { gapUntold } from './32-gap-untold.js';
import { logOfUnaskedItem } from './33-log-of-unasked-item.js';
import { failedPatchForgotten } from './34-failed-patch-forgotten.js';
import { allStartAtOnce } from './35-all-start-at-once.js';
import { cleanupBrokenOff } from './36-cleanup-broken-off.js';
import { statementWithdrawn } from './37-statement-withdrawn.js';
import { strikeForTheNext } from './40-strike-for-the-next.js';
import { unrecordedTakenForWell } from './41-unrecorded-taken-for-well.js';
import { replayTakenForFailure } from './42-replay-taken-for-failure.js';
import { refusedControlEscapes } from './38-refused-control-escapes.js';
import type { Mutant } from './mutant.js';

export const MUTANTS: readonly Mutant[] = [
  ...[retryOnTimeout, noFence, claimsByTime, sentAfterSending, endAfterReply, sentMissing],
  ...[redisAsAuthority, attachIgnored, cancelBeforeCleanup, pauseSkippedInChildren, feedByTime, uncertainAsFailed],
  ...[neighboursFence, deckWideRollback, journalUnchecked, cleanupForgotten, portionByCount, unheardControl],
  ...[anotherWayUnseen, childrenEndWithExecution, endNotAwaited, strikesNotKept, orderOfTransactions],
  ...[answerWithdrawn, childrenLeftMoving, takenUnlooked, lateWishUnheard],
  ...[repetitionUnsaid, leftMoving],
  ...[otherWayUnheld, refusedLogEscapes, gapUntold, logOfUnaskedItem, failedPatchForgotten],
  ...[allStartAtOnce, cleanupBrokenOff, statementWithdrawn, refusedControlEscapes],
  ...[strikeForTheNext, unrecordedTakenForWell, replayTakenForFailure],
];
