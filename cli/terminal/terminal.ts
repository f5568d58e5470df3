// Where the command writes: lines on stdout, and on a terminal also one status line below them and colour. What others have written cannot leave
// its line (`safe-text.ts`).

import { toSafeText } from './safe-text.js';

export interface Terminal {
  readonly isInteractive: boolean;
  /** Columns that a line has; null on a pipe, where nothing is cut. */
  readonly width: number | null;
  line(text: string): void;
  /** Shown below the last line until the next one; nothing on a pipe. */
  status(text: string): void;
  paint(colour: Colour, text: string): string;
}

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;
export type Colour = keyof typeof CODES;

const WIDTH_DEFAULT = 100;

export function createTerminal(stdout: NodeJS.WriteStream, env: NodeJS.ProcessEnv): Terminal {
  const isInteractive = stdout.isTTY && env['TERM'] !== 'dumb';
  const hasColour = isInteractive && (env['NO_COLOR'] ?? '') === '';
  const eraseStatus = isInteractive ? '\r\u001b[2K' : '';
  const readWidth = (): number => stdout.columns || WIDTH_DEFAULT;
  let isStatusShown = false;
  return {
    isInteractive,
    get width() {
      return isInteractive ? readWidth() : null;
    },
    line: (text) => {
      stdout.write(`${isStatusShown ? eraseStatus : ''}${toSafeText(text)}\n`);
      isStatusShown = false;
    },
    status: (text) => {
      if (!isInteractive) return;
      const shown = toSafeText(text).slice(0, readWidth() - 1);
      stdout.write(`${eraseStatus}${shown === '' ? '' : hasColour ? `\u001b[2m${shown}\u001b[22m` : shown}`);
      isStatusShown = text !== '';
    },
    paint: (colour, text) => (hasColour ? `\u001b[${CODES[colour]}m${text}\u001b[0m` : text),
  };
}
