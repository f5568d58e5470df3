// Policies of machines that are not PyLabRobot's: protocol files that declare such a machine bring its table along. A bundle
// holds its protocols' tables, so they are the same live and under replay; who runs without author code knows none.

import { LabError } from '../errors/error.js';
import type { PolicyTable } from './policy.js';

const TABLES = new Map<string, PolicyTable>();

/** Throws PROTOCOL_ERROR where two files bring different tables for one front end. */
export function registerPolicies(frontEnd: string, table: PolicyTable): void {
  const known = TABLES.get(frontEnd);
  if (known !== undefined && known !== table) {
    throw new LabError('PROTOCOL_ERROR', {
      message: `There are two tables of methods for ${frontEnd}.`,
      remedy: 'Export one table from one file and give it to machine.custom() everywhere.',
    });
  }
  TABLES.set(frontEnd, table);
}

export function findCustomPolicies(frontEnd: string): PolicyTable | undefined {
  return TABLES.get(frontEnd);
}
