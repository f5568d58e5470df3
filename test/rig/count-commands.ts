// Counts the commands of a run in three records that know nothing of each other: the bridge's journal,
// Postgres, and the file that the counting backend syncs at each backend call.

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import type { Lab } from './start-lab.js';

const run = promisify(execFile);

export interface CommandCounts {
  /** Distinct commands with SENT, and with END completed, in the journal. */
  readonly journalSent: number;
  readonly journalCompleted: number;
  /** SENT records beyond one a command: a repeated motion. */
  readonly journalRepeated: number;
  readonly postgresCompleted: number;
  readonly postgresOther: number;
  /** Lines of the tape: backend calls of all runs. */
  readonly tapeLines: number;
}

/** Read with Python's sqlite3: the journal's own library, while its owner is alive. */
const READ_JOURNAL = `
import json, sqlite3, sys
rows = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True).execute("select kind, key, body from rows order by row").fetchall()
run = sys.argv[2]
mine = [(kind, command, json.loads(body)) for kind, command, body in rows if command and command.startswith(run + "/")]
sent = [command for kind, command, body in mine if kind == "SENT" and body.get("step", 1) == 1]
done = {command for kind, command, body in mine if kind == "END" and body["outcome"]["status"] == "completed"}
print(json.dumps({"sent": len(set(sent)), "repeated": len(sent) - len(set(sent)), "done": len(done)}))
`;

export async function countCommands(lab: Lab, runId: string): Promise<CommandCounts> {
  const journal = path.join(lab.home, 'bridge', 'star.sqlite');
  const { stdout } = await run('python3', ['-c', READ_JOURNAL, journal, runId]);
  const counted = JSON.parse(stdout) as { sent: number; repeated: number; done: number };
  const client = new pg.Client({ connectionString: (await lab.record()).databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ completed: number; other: number }>(
      `select count(*) filter (where status = 'completed')::int as completed, count(*) filter (where status <> 'completed')::int as other from command where run_id = $1`,
      [runId],
    );
    return {
      journalSent: counted.sent,
      journalCompleted: counted.done,
      journalRepeated: counted.repeated,
      postgresCompleted: rows[0]?.completed ?? -1,
      postgresOther: rows[0]?.other ?? -1,
      tapeLines: await countTapeLines(lab.tapeFile),
    };
  } finally {
    await client.end();
  }
}

export async function countTapeLines(tapeFile: string): Promise<number> {
  const text = await readFile(tapeFile, 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '').length;
}
