// Runs the built `praxis` command at a terminal of so many columns, as a person has it, and types what the person types.

import { spawn } from 'node:child_process';
import path from 'node:path';
import { findProjectRoot } from '../../platform/paths.js';
import { waitFor } from './start-lab.js';

export interface OnTerminal {
  /** All that the terminal has shown. */
  shown(): string;
  /** Waits for a text that was not yet there when the last one was waited for. */
  waitForText(text: string): Promise<void>;
  /** A line, with the key that ends it. */
  type(line: string): void;
  readonly ended: Promise<number | null>;
  /** Hangs up. */
  close(): void;
}

/** A pseudo-terminal of the operating system; Node has none. */
const PTY = `
import fcntl, os, pty, select, struct, sys, termios
pid, fd = pty.fork()
if pid == 0: os.execvp(sys.argv[2], sys.argv[2:])
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack('HHHH', 50, int(sys.argv[1]), 0, 0))
sources = [fd, 0]
while True:
    ready, _, _ = select.select(sources, [], [])
    try:
        if fd in ready:
            data = os.read(fd, 65536)
            if not data: break
            os.write(1, data)
        if 0 in ready:
            data = os.read(0, 65536)
            if data: os.write(fd, data)
            else: sources = [fd]
    except OSError:
        break
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

export function runOnTerminal(env: Readonly<Record<string, string>>, args: readonly string[], columns = 120): OnTerminal {
  const bin = path.join(findProjectRoot(), 'cli', 'bin.js');
  const child = spawn('python3', ['-c', PTY, String(columns), process.execPath, bin, ...args], {
    env: { TERM: 'xterm', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let shown = '';
  let seenUntil = 0;
  child.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()));
  return {
    shown: () => shown,
    waitForText: async (text) => {
      seenUntil = await waitFor(
        `'${text}' on the terminal`,
        () => {
          const at = shown.indexOf(text, seenUntil);
          return Promise.resolve(at < 0 ? undefined : at + text.length);
        },
        { explain: () => shown },
      );
    },
    type: (line) => child.stdin.write(`${line}\r`),
    ended: new Promise((resolve) => child.once('close', resolve)),
    close: () => void child.kill('SIGKILL'),
  };
}
