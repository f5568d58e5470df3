// What happens to runs: from their creation to their end, and what their protocols tell.

import { z } from 'zod';
import { ofRun } from './told-rows.js';
import { waitingFor } from '../http/runs/run-resource.js';
import { errorRecord, json, runMode } from '../http/values.js';
import { PAUSE_REASONS } from '../words/runs.js';

const assets = z.record(z.string(), z.string()).meta({ description: 'Item by asset name.' });

/** A status that people see. What led to it is told where somebody asked for it, or an item did. */
const shown = z.object({
  ...ofRun,
  reasons: z.array(z.enum(PAUSE_REASONS)).optional().meta({ description: 'Why it is held.' }),
  itemId: z.string().optional(),
  by: z.string().optional(),
  reason: z.string().optional(),
});
const ended = z.object({ ...ofRun, error: errorRecord.optional() });
/** Told by a call: `n` counts what its workflow has told. */
const byCall = { workflowId: z.string(), n: z.int() };
const timeWindow = z.object({ ...byCall, window: z.string(), text: z.string(), deadlineMs: z.number().optional() });

export const RUN_EVENTS = {
  'run.created': z.object({
    ...ofRun,
    protocol: z.string(),
    version: z.string(),
    mode: runMode,
    priority: z.int(),
    createdBy: z.string(),
    assets,
    timeScale: z.number().optional(),
    continuesRunId: z.string().optional(),
    from: z.string().optional().meta({ description: 'Path of the call from which it continues.' }),
    reason: z.string().optional(),
    underRunId: z.string().optional(),
  }),
  'run.commanded': z
    .object({ byRunId: z.string(), by: z.string(), assets, method: json.optional(), arguments: json.optional(), reason: json.optional() })
    .meta({ description: 'A command by hand that the run was given while it waited.' }),
  'run.started': z.object(ofRun),
  'run.waiting': z.object({ ...ofRun, useId: z.string().optional(), waitingFor: z.array(waitingFor) }),
  'run.granted': z.object({ ...ofRun, fence: z.int(), useId: z.string().optional(), assets: assets.optional() }),
  'run.needs-operator': shown,
  'run.pausing': shown,
  'run.paused': shown,
  'run.resumed': shown,
  'run.cancelling': shown,
  'run.notified': z.object({ workflowId: z.string().optional(), n: z.int().optional(), title: z.string(), text: z.string() }),
  'run.window-warned': timeWindow,
  'run.window-broken': timeWindow,
  'run.data': z.object({
    ...byCall,
    name: z.string(),
    commandId: z.string().optional(),
    value: json.optional().meta({ description: 'Left out where it is large; it stands with the data of the run.' }),
  }),
  'run.completed': ended,
  'run.failed': ended,
  'run.cancelled': ended,
};
