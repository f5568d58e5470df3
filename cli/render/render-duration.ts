// Durations and times as people read them.

export function formatDuration(durationMs: number): string {
  if (durationMs < 1000) return `${Math.round(durationMs)} ms`;
  if (durationMs < 60_000) return `${(durationMs / 1000).toFixed(1)} s`;
  const seconds = Math.round(durationMs / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Time between two instants, or undefined where one is not known. */
export function measureMs(from: string | null | undefined, to: string | null | undefined): number | undefined {
  if (!from || !to) return undefined;
  return Math.max(0, Date.parse(to) - Date.parse(from));
}

/** `2026-05-04 13:07:09 +02:00`: the time of this machine, with its zone. */
export function formatInstant(instant: string | null): string {
  if (instant === null) return '-';
  const at = new Date(instant);
  return `${formatDay(at)} ${formatTime(at)}:${two(at.getSeconds())} ${formatZone(at)}`;
}

/** `2026-05-04 13:07`, for lists whose header names the zone. */
export function formatMinute(instant: string): string {
  const at = new Date(instant);
  return `${formatDay(at)} ${formatTime(at)}`;
}

/** `+02:00`, how far the clock of this machine is ahead of UTC at that instant. */
export function formatZone(at: Date): string {
  const aheadMin = -at.getTimezoneOffset();
  const away = Math.abs(aheadMin);
  return `${aheadMin < 0 ? '-' : '+'}${two(Math.floor(away / 60))}:${two(away % 60)}`;
}

function formatDay(at: Date): string {
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

function formatTime(at: Date): string {
  return `${two(at.getHours())}:${two(at.getMinutes())}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
