// What happens to inbox items and alarms.

import { z } from 'zod';
import { ofItem, ofRun } from './told-rows.js';
import { json } from '../http/values.js';
import { ALARM_CAUSES } from '../words/inbox.js';

const itemId = z.string();
const ofBoth = { ...ofRun, ...ofItem, itemId };
const waited = { ...ofBoth, kind: z.string(), text: z.string(), waitedMs: z.number() };

export const INBOX_EVENTS = {
  'inbox.opened': z.object({ ...ofBoth, kind: z.string(), text: z.string() }),
  'inbox.reminded': z.object({ ...waited, reminder: z.int() }),
  'inbox.escalated': z.object(waited),
  'inbox.answered': z.object({ ...ofBoth, answer: json, by: z.string(), note: z.string() }),
  'inbox.withdrawn': z.object({ ...ofBoth, note: z.string().optional() }),
  'alarm.raised': z.object({
    ...ofItem,
    itemId,
    text: z.string(),
    cause: z.enum(ALARM_CAUSES),
    workcell: z.string(),
    machine: z.string().optional(),
    commandId: z.string().optional(),
  }),
  'alarm.ended': z.object({ ...ofItem, itemId }),
  'alarm.acknowledged': z.object({ ...ofItem, itemId, by: z.string(), note: z.string() }),
};
