// A limit for what a bridge does at once where it is there: whoever waits holds a row of the database meanwhile.

import { LabError } from '../domain/errors/error.js';

/** The bridge answers in milliseconds; below the wait of the API. */
const BRIDGE_ANSWER_LIMIT_MS = 4_000;

/** Throws WORKCELL_SILENT; the bridge may still do it. */
export async function limitBridgeAnswer<T>(work: Promise<T>, mayStill: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_resolve, reject) => {
    const message = `The bridge did not answer within ${BRIDGE_ANSWER_LIMIT_MS} ms; ${mayStill}.`;
    timer = setTimeout(() => {
      reject(new LabError('WORKCELL_SILENT', { message }));
    }, BRIDGE_ANSWER_LIMIT_MS);
  });
  try {
    return await Promise.race([work, silence]);
  } finally {
    clearTimeout(timer);
  }
}
