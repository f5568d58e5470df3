// The lifeline of a supervised process: when the supervisor dies the pipe to it closes, and the process ends in order
// instead of serving a lab that nobody watches. Over the same pipe the supervisor asks whether the process still listens.

const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const;
export const SUPERVISED_SETTING = 'PRAXIS_SUPERVISED';

/** A line that the supervisor writes and that a process which listens says again; the supervisor keeps it out of the log. */
export const SIGN_OF_LIFE = '{"alive":true}\n';

export type LifelineEnd = (typeof STOP_SIGNALS)[number] | 'supervisor-gone';

/** Calls `onClosed` once: at SIGTERM, at SIGINT, or when a supervised process loses its supervisor. */
export function onLifelineClosed(onClosed: (end: LifelineEnd) => void, env: NodeJS.ProcessEnv = process.env): void {
  const isSupervised = env[SUPERVISED_SETTING] === '1';
  let isClosed = false;
  const close = (end: LifelineEnd): void => {
    if (isClosed) return;
    isClosed = true;
    // An open pipe would keep the process alive after everything else has ended.
    if (isSupervised) process.stdin.destroy();
    onClosed(end);
  };
  for (const signal of STOP_SIGNALS) process.on(signal, () => close(signal));
  if (!isSupervised) return;
  process.stdin.once('end', () => close('supervisor-gone'));
  process.stdin.once('error', () => close('supervisor-gone'));
  process.stdin.on('data', () => process.stdout.write(SIGN_OF_LIFE));
  // Nobody reads stdout once the supervisor is gone; a write there must not break the orderly end.
  process.stdout.on('error', () => close('supervisor-gone'));
}
