// Every message a run workflow understands, as typed tokens.

import { defineSignal } from '@temporalio/workflow';
import { ASSETS_FREED_SIGNAL } from '../domain/ids.js';

/** A hint that a waiting run may try its claim again; losing it costs at most one poll interval. */
export const assetsFreed = defineSignal(ASSETS_FREED_SIGNAL);
