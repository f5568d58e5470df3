// Times and lengths as the console says them; every clock is of the reader's zone.

const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const CLOCK_SECONDS = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const ZONE = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'short' });
const DAY_MS = 86_400_000;

export function sayClock(at: string | number, withSeconds = false): string {
  return (withSeconds ? CLOCK_SECONDS : CLOCK).format(new Date(at));
}

/** The clock today, the day before that. */
export function sayWhen(at: string, nowMs: number): string {
  return nowMs - Date.parse(at) < DAY_MS ? sayClock(at) : DAY.format(new Date(at));
}

export function sayZone(): string {
  return ZONE.formatToParts(new Date()).find(({ type }) => type === 'timeZoneName')?.value ?? '';
}

/** 187,000 ms: "3 min 07 s". */
export function sayLength(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min${seconds % 60 ? ` ${String(seconds % 60).padStart(2, '0')} s` : ''}`;
  const minutes = Math.floor(seconds / 60) % 60;
  return `${Math.floor(seconds / 3600)} h${minutes ? ` ${minutes} min` : ''}`;
}
