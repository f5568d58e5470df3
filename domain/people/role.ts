// What somebody may do in a lab: each role may all that the roles after it may.

import { ROLES, type Role } from '../../contract/words/people.js';

export { ROLES, type Role };

export function mayDo(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) <= ROLES.indexOf(needed);
}
