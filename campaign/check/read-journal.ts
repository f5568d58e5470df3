// Reads a bridge's journal through Python's own SQLite, which also reads what still stands in its write-ahead log.

import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Journal } from './evidence.js';

const READ_TIMEOUT_MS = 60_000;
const OUTPUT_LIMIT_BYTES = 512 * 1024 * 1024;

const SCRIPT = `
import json, sqlite3, sys
db = sqlite3.connect(sys.argv[1], timeout=10)
bridge = db.execute("SELECT value FROM meta WHERE name = 'bridge_id'").fetchone()
rows = [
    {"row": row, "kind": kind, "atMs": at_ms, "key": key, "body": json.loads(body)}
    for row, kind, at_ms, key, body in db.execute("SELECT row, kind, at_ms, key, body FROM rows ORDER BY row")
]
json.dump({"bridgeId": bridge[0], "rows": rows}, sys.stdout)
`;

export async function readJournal(file: string): Promise<Journal> {
  const { stdout } = await promisify(execFile)('python3', ['-c', SCRIPT, path.resolve(file)], {
    timeout: READ_TIMEOUT_MS,
    maxBuffer: OUTPUT_LIMIT_BYTES,
  });
  return JSON.parse(stdout) as Journal;
}
