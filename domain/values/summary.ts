// The line that Temporal's Web UI shows beside a workflow or an activity. Temporal counts its bytes and refuses more, again and
// again, so that what carries a longer one never begins.

import { cutStartToBytes, cutToBytes } from './byte-size.js';

/** Temporal takes 400 as JSON, where quotes and backslashes count twice. */
const SUMMARY_LIMIT_BYTES = 180;
/** Characters that weigh up to six bytes as JSON: control characters, and halves of pairs that stand alone. */
const HEAVY = /[\s\p{Cc}\p{Cs}]+/gu;

/** As much of the text's beginning as Temporal takes, in one line. */
export function toSummary(text: string): string {
  return cutToBytes(text.replaceAll(HEAVY, ' '), SUMMARY_LIMIT_BYTES);
}

/** The same of its end: what a path leads to stands there. */
export function toSummaryOfEnd(text: string): string {
  return cutStartToBytes(text.replaceAll(HEAVY, ' '), SUMMARY_LIMIT_BYTES);
}
