// Who somebody may be in a lab.

export const ROLES = ['operator', 'viewer'] as const;
/** A viewer reads and rehearses; an operator also changes. */
export type Role = (typeof ROLES)[number];
