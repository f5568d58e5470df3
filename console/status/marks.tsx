// A status as people see it: one shape, one word, one colour. Solid amber means that somebody has to act.

import './marks.css';
import { Shape, type ShapeName } from './shapes.js';

const COLOURS: Readonly<Record<ShapeName, string>> = {
  waiting: 'idle',
  active: 'active',
  pausing: 'idle',
  paused: 'idle',
  cancelling: 'idle',
  stopped: 'idle',
  done: 'done',
  available: 'done',
  resolved: 'done',
  cancelled: 'idle',
  failed: 'fail',
  quarantined: 'fail',
  uncertain: 'ink',
  person: 'person',
};

export interface Status {
  readonly shape: ShapeName;
  readonly word: string;
}

export function Mark({
  status,
  size = 16,
  isQuiet = false,
}: {
  readonly status: Status;
  readonly size?: number;
  readonly isQuiet?: boolean;
}) {
  if (status.shape === 'person' && isQuiet)
    return (
      <span className="hand">
        <Shape name="person" size={14} />
        <span className="heard">{status.word}</span>
      </span>
    );
  return (
    <span className="mark" style={{ color: `var(--${COLOURS[status.shape]})` }}>
      <Shape name={status.shape} size={size} />
      <span className={isQuiet ? 'heard' : undefined}>{status.word}</span>
    </span>
  );
}

/** At the head of what somebody has to decide. */
export function Pill({ word }: { readonly word: string }) {
  return (
    <span className="pill">
      <Shape name="person" />
      {word}
    </span>
  );
}

export function Count({ of }: { readonly of: number }) {
  return <span className="pill count">{of}</span>;
}

export function Simulated() {
  return <span className="simulated">SIM</span>;
}
