// What somebody may do in a lab: each role may all that the roles after it may.

export const ROLES = ['operator', 'viewer'] as const;
/** A viewer reads and rehearses; an operator also changes. */
export type Role = (typeof ROLES)[number];

export function mayDo(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) <= ROLES.indexOf(needed);
}
