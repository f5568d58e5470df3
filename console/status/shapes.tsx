// The shapes of the status language on a grid of 16 px. Colour comes from what stands around them; the word always stands beside, or is heard.

import type { ReactNode } from 'react';

const HAND =
  'M8 13v-7.5a1.5 1.5 0 0 1 3 0v6.5M11 5.5v-2a1.5 1.5 0 1 1 3 0v8.5M14 5.5a1.5 1.5 0 0 1 3 0v6.5M17 7.5a1.5 1.5 0 0 1 3 0v8.5a6 6 0 0 1 -6 6h-2c-2.1 0 -3.2 -.6 -4.7 -2.3l-4 -5.2a1.5 1.5 0 0 1 2.2 -2l2.5 2.5';

const stroke = { fill: 'none', stroke: 'currentColor', strokeLinejoin: 'round', strokeLinecap: 'round' } as const;

export const SHAPES = {
  waiting: <circle cx="8" cy="8" r="5.75" {...stroke} strokeWidth="2" strokeDasharray="0 4.515" />,
  active: <path d="M4.5 3.2v9.6L12.8 8z" fill="currentColor" stroke="currentColor" strokeWidth="1.6" strokeLinejoin="round" />,
  pausing: <path d="M3.75 3.25h3v9.5h-3zM9.25 3.25h3v9.5h-3z" {...stroke} strokeWidth="1.5" />,
  paused: <path d="M3.5 3h3.5v10h-3.5zM9 3h3.5v10h-3.5z" fill="currentColor" />,
  cancelling: <path d="M3.75 3.75h8.5v8.5h-8.5z" {...stroke} strokeWidth="1.5" />,
  stopped: <path d="M3 3h10v10h-10z" fill="currentColor" />,
  done: <path d="M2.75 8.5l3.5 3.5l7-7.5" {...stroke} strokeWidth="2" />,
  available: (
    <>
      <circle cx="8" cy="8" r="6.4" {...stroke} strokeWidth="1.2" />
      <path d="M5.2 8.2l2 2l3.7-4.2" {...stroke} strokeWidth="1.6" />
    </>
  ),
  resolved: (
    <>
      <path d="M8 1.2l6.8 6.8l-6.8 6.8l-6.8-6.8z" {...stroke} strokeWidth="1.25" />
      <path d="M5.3 8.2l2 2l3.6-4" {...stroke} strokeWidth="1.75" />
    </>
  ),
  cancelled: (
    <>
      <circle cx="8" cy="8" r="5.75" {...stroke} strokeWidth="1.75" />
      <path d="M4 12l8-8" {...stroke} strokeWidth="1.75" />
    </>
  ),
  failed: <path d="M3.75 3.75l8.5 8.5M12.25 3.75l-8.5 8.5" {...stroke} strokeWidth="2" />,
  quarantined: (
    <>
      <path d="M5.3 1.5h5.4l3.8 3.8v5.4l-3.8 3.8h-5.4l-3.8-3.8v-5.4z" {...stroke} strokeWidth="1.5" />
      <path d="M5.75 5.75l4.5 4.5M10.25 5.75l-4.5 4.5" {...stroke} strokeWidth="1.75" />
    </>
  ),
  uncertain: (
    <>
      <path d="M8 .9l7.1 7.1l-7.1 7.1l-7.1-7.1z" fill="url(#hatch)" stroke="currentColor" strokeWidth="1.25" strokeLinejoin="round" />
      <circle cx="8" cy="8" r="4" fill="var(--surface)" />
      <path d="M6.6 6.8a1.4 1.4 0 1 1 2.1 1.2c-.5.3-.7.6-.7 1.1" {...stroke} strokeWidth="1.4" />
      <circle cx="8" cy="10.9" r=".85" fill="currentColor" />
    </>
  ),
  person: (
    <g transform="translate(-1.2 -1.2) scale(.76)">
      <path d={HAND} {...stroke} strokeWidth="2.1" />
    </g>
  ),
} as const satisfies Record<string, ReactNode>;
export type ShapeName = keyof typeof SHAPES;

export function Shape({ name, size = 16 }: { readonly name: ShapeName; readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
      {SHAPES[name]}
    </svg>
  );
}

/** The pattern of what nobody knows; once a page. */
export function Patterns() {
  return (
    <svg width="0" height="0" style={{ position: 'absolute' }} aria-hidden="true">
      <defs>
        <pattern id="hatch" width="3" height="3" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="1" height="3" fill="currentColor" />
        </pattern>
      </defs>
    </svg>
  );
}
