// npm run picture: makes docs/run.svg from a real run of serial_dilution, on a lab of its own that is gone afterwards.

import { execFile, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildIfStale } from './build.mjs';
import { ensurePackages, requireNode } from './ensure-packages.mjs';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const PICTURE = path.join(ROOT, 'docs', 'run.svg');
const PROTOCOL = 'serial_dilution';
/** The API's port and those that follow it. */
const PORTS_NEEDED = 5;
const RUN_TIMEOUT_MS = 60_000;
const POLL_MS = 100;

requireNode();
if (!ensurePackages(ROOT) || !buildIfStale()) process.exit(1);
const { findFreePorts } = await import('../dist/local/free-ports.js');
const { createClient } = await import('../dist/contract/client/client.js');

const home = mkdtempSync(path.join(tmpdir(), 'praxis-picture-'));
// Postgres, which root starts as another user, must get to its data.
chmodSync(home, 0o711);
const lab = startLab(home, await findFreePorts(PORTS_NEEDED));
process.on('SIGINT', () => lab.process.kill('SIGINT'));
try {
  const api = await lab.address;
  // The very first run loads code; the picture is to show the run and not that.
  const client = createClient({ url: api });
  await completeRun(client);
  const runId = await completeRun(client);
  const { stdout } = await promisify(execFile)(process.execPath, [path.join(ROOT, 'dist', 'tools', 'draw-run.js'), runId, api]);
  writeFileSync(PICTURE, stdout);
  console.log(`✓ ${path.relative(ROOT, PICTURE)}`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  lab.process.kill('SIGINT');
  await lab.ended;
  rmSync(home, { recursive: true, force: true });
}

/** The lab prints one JSON document with its addresses when it is up. */
function startLab(home, port) {
  const env = { ...process.env, PRAXIS_HOME: home, PRAXIS_PORT: String(port), PRAXIS_PROTOCOLS: '', PRAXIS_WORKCELL_FILE: '' };
  const child = spawn(process.execPath, [path.join(ROOT, 'dist', 'local', 'lab.js'), '--no-demo', '--json'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const address = new Promise((resolve, reject) => {
    child.stdout.once('data', (document) => resolve(JSON.parse(document.toString()).api));
    void ended.then((code) => reject(new Error(`The lab ended with ${code} before there was a picture.`)));
  });
  return { process: child, ended, address };
}

async function completeRun(lab) {
  const { id } = await lab.startRun({ body: { protocol: PROTOCOL, parameters: { numDilutions: 8 } } });
  for (const giveUpAtMs = Date.now() + RUN_TIMEOUT_MS; Date.now() < giveUpAtMs; await sleep(POLL_MS)) {
    const { status, endedAt } = await lab.getRun({ params: { id } });
    if (status === 'completed') return id;
    if (endedAt !== null) throw new Error(`The run ended as ${status}.`);
  }
  throw new Error(`The run took longer than ${RUN_TIMEOUT_MS / 1000} s.`);
}
