// Asks the person at the terminal. There is none where stdin or stdout is a pipe, and then nothing is asked.

import { createInterface } from 'node:readline/promises';
import { toSafeText } from './safe-text.js';

export interface Person {
  /** What was typed, without spaces around it. Ends with an empty text when the input ends, or the signal says that nobody wants to know any more. */
  ask(question: string, signal?: AbortSignal): Promise<string>;
  /** True for yes; anything else is no. */
  confirm(question: string, signal?: AbortSignal): Promise<boolean>;
}

export function findPerson(stdin: NodeJS.ReadStream, stdout: NodeJS.WriteStream): Person | null {
  if (!stdin.isTTY || !stdout.isTTY) return null;
  const ask: Person['ask'] = async (question, signal) => {
    if (signal?.aborted === true) return '';
    const lines = createInterface({ input: stdin, output: stdout });
    const ended = new Promise<string>((resolve) => {
      lines.once('close', () => resolve(''));
      signal?.addEventListener('abort', () => resolve(''), { once: true });
    });
    try {
      return (await Promise.race([lines.question(`${toSafeText(question)} `), ended])).trim();
    } finally {
      lines.close();
    }
  };
  return { ask, confirm: async (question, signal) => /^(?:y|yes)$/iu.test(await ask(`${question} [yes/no]`, signal)) };
}
