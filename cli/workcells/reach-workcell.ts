// Reaches worker and bridge of a workcell directly, for stopping it while API, Temporal and databases may be dead: over HTTP
// on loopback with the token of the stop record, and over the bridge's own socket. Both are told; the first answer counts.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { CliError, EXIT_BAD_INPUT, EXIT_NO_CONNECTION } from '../terminal/exit.js';
import { findLabHome } from '../client/find-api.js';
import { sendRequest } from '../client/send-request.js';
import { describeBridgePlace, type BridgePlace } from '../../domain/workcells/bridge-place.js';
import { LabError } from '../../domain/errors/error.js';
import { isJsonObject } from '../../domain/json/json.js';
import { RELEASE_PATH, STOP_FOLDER, STOP_PATH, STOP_PATIENCE_MS, type StopRecord } from '../../domain/workcells/stop-all.js';
import { openLink } from '../../workcell/open-link.js';

const ANSWER_LIMIT_MS = 3_000;
const AGAIN_INTERVAL_MS = 100;
/** Once one has answered, the other one gets this long to hear of it too. */
const OTHER_WAIT_MS = 500;
const ANSWER_LIMIT_BYTES = 1024 * 1024;

export interface Question {
  readonly method: 'stop.all' | 'stop.release' | 'stop.status';
  readonly params: Readonly<Record<string, string | number>>;
}

/** Of one workcell, or of all that this home has known. */
export function findStopRecords(env: NodeJS.ProcessEnv, workcell: string | undefined): readonly StopRecord[] {
  const folder = path.join(findLabHome(env), STOP_FOLDER);
  const records = listFiles(folder)
    .map((file) => JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as StopRecord)
    .filter((record) => workcell === undefined || record.workcell === workcell);
  if (records.length > 0) return records;
  const which = workcell === undefined ? 'No workcell' : `No workcell '${workcell}'`;
  throw new CliError(EXIT_BAD_INPUT, {
    code: 'WORKCELL_NOT_FOUND',
    message: `${which} has run from ${folder}.`,
    remedy: 'Set PRAXIS_HOME to the home of the lab. In danger use the emergency stop of the machine.',
  });
}

/** The first answer of worker or bridge; asked again while neither is there. Throws NO_CONNECTION. */
export async function askWorkcell<T extends object>(record: StopRecord, question: Question): Promise<T> {
  const end = new AbortController();
  const patience = setTimeout(() => {
    end.abort();
  }, STOP_PATIENCE_MS);
  const answers = [
    persist(() => askWorker<T>(record, question), end.signal),
    persist(() => askBridge<T>(record.socket, question), end.signal),
  ];
  try {
    const first = await Promise.any(answers);
    await Promise.race([Promise.allSettled(answers), wait(OTHER_WAIT_MS)]);
    return first;
  } catch (error) {
    const why =
      error instanceof AggregateError
        ? error.errors.map((each) => (each instanceof Error ? each.message : String(each))).join(' · ')
        : String(error);
    throw new CliError(EXIT_NO_CONNECTION, {
      code: 'NO_ACKNOWLEDGEMENT',
      message: `Neither worker nor bridge of ${record.workcell} has answered within ${STOP_PATIENCE_MS / 1000} s: ${why}.`,
      remedy: 'Use the emergency stop of the machine.',
    });
  } finally {
    clearTimeout(patience);
    end.abort();
  }
}

async function persist<T>(ask: () => Promise<T>, end: AbortSignal): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      // A refusal is an answer; only who is not there is asked again.
      if (error instanceof CliError || end.aborted) throw error;
      await wait(AGAIN_INTERVAL_MS);
      if (end.aborted) throw error;
    }
  }
}

async function askWorker<T>({ url, token }: StopRecord, { method, params }: Question): Promise<T> {
  const isLook = method === 'stop.status';
  const target = new URL(`${url}${method === 'stop.release' ? RELEASE_PATH : STOP_PATH}`);
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const signal = AbortSignal.timeout(ANSWER_LIMIT_MS);
  const { status, text } = await sendRequest(
    target,
    isLook ? { method: 'GET', headers, signal } : { method: 'POST', headers, body: JSON.stringify(params), signal },
  );
  const body: unknown = JSON.parse(text);
  if (status === 200) return body as T;
  const said = isJsonObject(body) && typeof body['detail'] === 'string' ? body['detail'] : `status ${status}`;
  // The bridge behind it may come back; another program on that port, or another token, never becomes the worker.
  if (status >= 500) throw new LabError('WORKCELL_SILENT', { message: `the worker says: ${said}` });
  throw new CliError(EXIT_NO_CONNECTION, { code: 'REFUSED', message: `The worker refused: ${said}` });
}

async function askBridge<T>(place: BridgePlace, { method, params }: Question): Promise<T> {
  const socket = await openLink(place);
  return await new Promise((resolve, reject) => {
    let text = '';
    const fail = (why: Error): void => {
      socket.destroy();
      reject(why);
    };
    socket.setTimeout(ANSWER_LIMIT_MS, () => {
      fail(new Error(`the bridge at ${describeBridgePlace(place)} is silent`));
    });
    socket.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })}\n`);
    socket.once('error', fail);
    socket.once('close', () => {
      fail(new Error('the bridge closed the connection'));
    });
    socket.on('data', (chunk: string) => {
      text += chunk;
      const lineEnd = text.indexOf('\n');
      if (lineEnd < 0 && text.length <= ANSWER_LIMIT_BYTES) return;
      const answer: unknown = JSON.parse(text.slice(0, lineEnd));
      if (isJsonObject(answer) && answer['result'] !== undefined) resolve(answer['result'] as T);
      else reject(new CliError(EXIT_NO_CONNECTION, { code: 'REFUSED', message: `The bridge refused: ${text.slice(0, 300)}` }));
      socket.destroy();
    });
  });
}

function listFiles(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((file) => file.endsWith('.json'));
  } catch {
    // No workcell worker has ever run from this home.
    return [];
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
