// Small programs that take the places of workers, API and bridge in tests of the supervisor: they keep the
// same promises (ready line, end with the pipe; hello and shutdown on the wire) and do nothing else.

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Entries } from './lab-services.js';

export interface StandIns {
  readonly entries: Entries;
  readonly bridgeCommand: readonly [string, ...string[]];
  /** Every stand-in appends `<name> started` and `<name> stopped` here. */
  readonly diary: string;
}

/** Settings that the bridge stand-in obeys: CODE_HASH is its version, RUNNING its command. */
export function writeStandIns(folder: string): StandIns {
  mkdirSync(folder, { recursive: true });
  const diary = path.join(folder, 'diary.txt');
  const write = (name: string, source: string): string => {
    const file = path.join(folder, `${name}.mjs`);
    writeFileSync(
      file,
      `import { appendFileSync } from 'node:fs';\nconst note = (what) => appendFileSync(${JSON.stringify(diary)}, \`${name} \${what}\\n\`);\n${source}`,
    );
    return file;
  };
  writeFileSync(diary, '');
  return {
    diary,
    entries: {
      prepare: write('prepare', PREPARE),
      workflowWorker: write('workflow-worker', WORKER),
      workcellWorker: write('workcell-worker', WORKER),
      api: write('api', API),
    },
    bridgeCommand: [process.execPath, write('bridge', BRIDGE)],
  };
}

const PREPARE = `
if (!process.env.DATABASE_URL) process.exit(1);
note('done');
`;

const WORKER = `
note('started');
console.log('a line before the ready one');
console.log(JSON.stringify({ ready: 'worker' }));
process.stdin.once('end', () => { note('stopped'); process.exit(0); }).resume();
`;

const API = `
import { createServer } from 'node:http';
const server = createServer((_request, response) => response.end('here'));
server.listen(Number(process.env.PRAXIS_PORT), '127.0.0.1', () => { note('started'); console.log(JSON.stringify({ ready: 'api' })); });
process.stdin.once('end', () => { note('stopped'); process.exit(0); }).resume();
`;

const BRIDGE = `
import { createServer } from 'node:net';
import { rmSync } from 'node:fs';
const codeHash = process.env.CODE_HASH ?? 'v1';
const argument = (name) => process.argv[process.argv.indexOf(name) + 1];
if (process.argv.includes('--print-hash')) { console.log(codeHash); process.exit(0); }
const runningCommands = process.env.RUNNING ? [process.env.RUNNING] : [];
const hello = { wireVersion: 1, bridgeId: 'b', home: argument('--home'), codeHash, pylabrobot: '0', pid: process.pid, workcell: null, runningCommands, heldRuns: [], lastRow: 0 };
rmSync(argument('--socket'), { force: true });
createServer((socket) => socket.on('data', (chunk) => {
  const { id, method } = JSON.parse(String(chunk));
  const result = method === 'hello' ? hello : { idle: true };
  socket.write(JSON.stringify({ jsonrpc: '2.0', id, result }) + '\\n');
  if (method === 'shutdown') { note('stopped'); setTimeout(() => process.exit(0), 20); }
})).listen(argument('--socket'), () => note('started'));
`;
