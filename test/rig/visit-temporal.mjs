// A browser for the test of the Temporal Web UI: in real Chromium, pages of other origins try what they can at given ports,
// then a person opens the printed address, looks at the hierarchy and sends signals. Prints what came as JSON.
// A program of its own, because jest's modules and the browser's library do not go together.

import { createServer } from 'node:http';
import { chromium } from 'playwright-core';

const { ports, runId, address, chromiumProgram } = JSON.parse(process.argv[2] ?? '{}');
const PAGE_TIMEOUT_MS = 60_000;
const ATTACK_LIMIT_MS = 3_000;

const hostile = createServer((_request, response) =>
  response.writeHead(200, { 'content-type': 'text/html' }).end('<title>hostile</title><body>'),
);
await new Promise((resolve) => hostile.listen(0, '127.0.0.1', resolve));
const pagePort = hostile.address().port;
const browser = await chromium.launch({
  executablePath: chromiumProgram,
  args: ['--no-sandbox', '--host-resolver-rules=MAP *.test 127.0.0.1'],
});
const report = { entered: [], learned: [], shown: '', signalled: [] };
try {
  const context = await browser.newContext({ viewport: { width: 1500, height: 1100 } });
  context.setDefaultTimeout(PAGE_TIMEOUT_MS);
  const person = await context.newPage();
  await person.goto(address);
  report.entered.push(person.url());
  for (const port of ports) {
    for (const from of [`127.0.0.1:${pagePort}`, `evil.test:${pagePort}`, `rebound.test:${port}`]) await attack(context, { from, port });
  }
  await lookAndSignal(person);
} finally {
  await browser.close();
  hostile.close();
}
process.stdout.write(`${JSON.stringify(report)}\n`);

/** A page of `from` tries to end the run and all runs, and to read them. */
async function attack(context, { from, port }) {
  const page = await context.newPage();
  await page.goto(`http://${from}/`).catch(() => undefined);
  const at = from.startsWith('rebound') ? from : `127.0.0.1:${port}`;
  // A port that shows no page gives nobody one to try from.
  const learned = await page.evaluate(tryEverything, { at, id: runId, limitMs: ATTACK_LIMIT_MS }).catch(() => []);
  report.learned.push(...learned.map((what) => `${from} at ${at}: ${what}`));
  await page.close();
}

/** Runs in the hostile page; tells what it could read. */
async function tryEverything({ at, id, limitMs }) {
  const base = `http://${at}/api/v1/namespaces/praxis`;
  const end = `${base}/workflows/${encodeURIComponent(id)}/terminate`;
  const all = `${base}/batch-operations/job-${Math.random()}`;
  const reason = JSON.stringify({ reason: 'pwned' });
  const ofAll = JSON.stringify({
    reason: 'pwned',
    visibilityQuery: 'ExecutionStatus="Running"',
    terminationOperation: { identity: 'evil' },
  });
  const learned = [];
  const send = async (name, url, init) => {
    try {
      const response = await fetch(url, { credentials: 'include', signal: AbortSignal.timeout(limitMs), ...init });
      if (response.type !== 'opaque' && response.ok) learned.push(`${name} ${response.status} ${(await response.text()).slice(0, 40)}`);
    } catch {
      // Refused by the browser or by the port.
    }
  };
  await send('blind end', end, { method: 'POST', mode: 'no-cors', body: reason });
  await send('blind end of all', all, { method: 'POST', mode: 'no-cors', body: ofAll });
  await send('end with a token', end, {
    method: 'POST',
    headers: { authorization: 'Bearer x', 'content-type': 'application/json' },
    body: reason,
  });
  await send('end of all with a token', all, {
    method: 'POST',
    headers: { authorization: 'Bearer x', 'content-type': 'application/json' },
    body: ofAll,
  });
  await send('read', `${base}/workflows`, {});
  await send('call of gRPC', `http://${at}/temporal.api.workflowservice.v1.WorkflowService/StartBatchOperation`, {
    method: 'POST',
    mode: 'no-cors',
    body: new Blob([new Uint8Array(9)], { type: 'text/plain' }),
  });
  navigator.sendBeacon(all, ofAll);
  const form = Object.assign(document.createElement('form'), { method: 'POST', action: end, enctype: 'text/plain', target: 'frame' });
  form.append(Object.assign(document.createElement('input'), { name: '{"reason":"x', value: '"}' }));
  document.body.append(Object.assign(document.createElement('iframe'), { name: 'frame' }), form);
  form.submit();
  await new Promise((resolve) => {
    setTimeout(resolve, 500);
  });
  return learned;
}

async function lookAndSignal(person) {
  const { origin } = new URL(address);
  await person.goto(`${origin}/namespaces/praxis/workflows/${runId}`);
  await person.getByText('Relationships', { exact: false }).first().click();
  await person.getByText('Expand All').first().click();
  await person.getByText(`${runId}/`, { exact: false }).first().waitFor();
  report.shown = await person.innerText('body');
  for (const signal of ['pause', 'resume', 'cancel']) {
    await person.getByText('More Actions').filter({ visible: true }).first().click();
    await person
      .getByText(/send a signal/iu)
      .filter({ visible: true })
      .first()
      .click();
    const dialog = person.getByRole('dialog');
    // The Web UI asks the workflow for its signals and offers them; the input below the button is only the form's.
    await dialog.locator('#signal-select').locator('xpath=ancestor::*[.//button][1]').locator('button').first().click();
    await person.getByRole('option', { name: signal, exact: true }).first().click();
    const sent = person.waitForResponse((response) => response.request().method() === 'POST' && response.url().includes('/signal'));
    await dialog
      .getByRole('button', { name: /submit|send|confirm/iu })
      .last()
      .click();
    report.signalled.push(`${signal} ${(await sent).status()}`);
    await dialog.waitFor({ state: 'hidden' });
  }
}
