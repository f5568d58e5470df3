// Shows the steps of a start: a line with its time for each that ended, and on a terminal one live line
// below for those that run. On a pipe there are only plain lines.

import type { ShowStep } from './start-lab.js';

const REDRAW_MS = 200;
/** On a pipe a long step says what it is at no more often than this. */
const SAY_EVERY_MS = 15_000;
const CLEAR_LINE = '\r\x1b[2K';

export interface StepDisplay {
  readonly showStep: ShowStep;
  /** Prints a line above the live one. */
  print(line: string): void;
}

export function createStepDisplay(stream: NodeJS.WriteStream): StepDisplay {
  const running = new Map<string, { startedAtMs: number; says: string; saidAtMs: number }>();
  const isTerminal = stream.isTTY;
  let timer: NodeJS.Timeout | undefined;

  const drawLive = (): void => {
    if (!isTerminal || running.size === 0) return;
    const parts = [...running].map(
      ([title, { startedAtMs, says }]) => `${title} ${toSeconds(startedAtMs)}${says === '' ? '' : ` (${says})`}`,
    );
    stream.write(`${CLEAR_LINE}${`… ${parts.join(', ')}`.slice(0, (stream.columns || 80) - 1)}`);
  };
  const print = (line: string): void => {
    stream.write(`${isTerminal ? CLEAR_LINE : ''}${line}\n`);
    drawLive();
  };
  const end = (title: string, mark: string): void => {
    const startedAtMs = running.get(title)?.startedAtMs ?? performance.now();
    running.delete(title);
    if (running.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
    print(`${paint(mark)} ${title} ${toSeconds(startedAtMs)}`);
  };
  const paint = (mark: string): string => (isTerminal ? `\x1b[${mark === '✓' ? 32 : 31}m${mark}\x1b[0m` : mark);

  return {
    print,
    async showStep(title, run) {
      const step = { startedAtMs: performance.now(), says: '', saidAtMs: 0 };
      running.set(title, step);
      timer ??= isTerminal ? setInterval(drawLive, REDRAW_MS) : undefined;
      try {
        const result = await run((line) => {
          step.says = line;
          if (isTerminal || performance.now() - step.saidAtMs < SAY_EVERY_MS) return;
          step.saidAtMs = performance.now();
          print(`  ${title}: ${line}`);
        });
        end(title, '✓');
        return result;
      } catch (error) {
        end(title, '✗');
        throw error;
      }
    },
  };
}

function toSeconds(sinceMs: number): string {
  return `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;
}
