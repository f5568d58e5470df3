// Asks the person at the terminal. There is none where stdin or stdout is a pipe, and then nothing is asked.

import { createInterface } from 'node:readline/promises';

export interface Person {
  /** What was typed, without spaces around it. Ends with an empty text when the input ends. */
  ask(question: string): Promise<string>;
  /** True for yes; anything else is no. */
  confirm(question: string): Promise<boolean>;
}

export function findPerson(stdin: NodeJS.ReadStream, stdout: NodeJS.WriteStream): Person | null {
  if (!stdin.isTTY || !stdout.isTTY) return null;
  const ask: Person['ask'] = async (question) => {
    const lines = createInterface({ input: stdin, output: stdout });
    const ended = new Promise<string>((resolve) => {
      lines.once('close', () => resolve(''));
    });
    try {
      return (await Promise.race([lines.question(`${question} `), ended])).trim();
    } finally {
      lines.close();
    }
  };
  return { ask, confirm: async (question) => /^(?:y|yes)$/iu.test(await ask(`${question} [yes/no]`)) };
}
