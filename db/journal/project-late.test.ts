// What a driver says after its deadline is shown with the question that waits, whatever bytes it says.

import { createRun } from '../runs/create-run.js';
import { getItem, openItem } from '../inbox/inbox.queries.js';
import { shipJournalRows } from './journal.queries.js';
import type { Database } from '../connection/connect-database.js';
import { toCommandRows, toRequest, useTestLab } from '../test-lab.js';

let db: Database;
let runId: string;

useTestLab(async (lab) => {
  db = lab.db;
  runId = (await createRun(db, toRequest(lab.definition))).run.id;
});

test.each(['plain', 'NUL \u0000', 'half a pair \ud800', 'typed \\u0000'])('a late answer is shown: %j', async (said) => {
  const [sent] = toCommandRows(runId, 1);
  const commandId = sent?.commandId ?? '';
  const text = `Nobody knows ${said}`;
  await openItem(db, {
    itemId: commandId,
    runId,
    callPath: 'serial_dilution',
    workflowId: runId,
    subject: { kind: 'held-machine', text, commandId, machine: 'star', known: said },
    atMs: 1,
  });
  const outcome = { status: 'failed', error: { code: 'MACHINE_ERROR', message: said } };
  const late = {
    row: 2,
    kind: 'LATE' as const,
    atMs: 2,
    commandId: null,
    body: { commandId, outcome, delta: {}, sensors: { [said]: said } },
  };
  expect(await shipJournalRows(db, 'b', [...(sent === undefined ? [] : [sent]), late])).toBe(2);
  const shown = said.replace('\u0000', '\\u0000').replace('\ud800', '\\ud800');
  expect(await getItem(db, commandId)).toMatchObject({
    subject: { known: shown, facts: { late: { outcome: { error: { message: shown } }, sensors: { [shown]: shown } } } },
  });
});
