// Where the home of a lab is: what PRAXIS_HOME says, else what an earlier start has left inside the clone, else a folder among the data of its user.
// Outside of the clone nothing that tidies sources deletes a lab.

import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

const FOLDER_IN_CLONE = '.praxis';

export interface Home {
  readonly folder: string;
  /** Where it belongs, for a home inside the clone that nobody has asked for; else null. */
  readonly belongsIn: string | null;
}

export function findHome(env: Readonly<Record<string, string | undefined>>, projectRoot: string): Home {
  const given = env['PRAXIS_HOME'];
  if (given) return { folder: path.resolve(given), belongsIn: null };
  const own = toOwnFolder(env);
  const inClone = path.join(projectRoot, FOLDER_IN_CLONE);
  return existsSync(inClone) ? { folder: inClone, belongsIn: own } : { folder: own, belongsIn: null };
}

/** What a start says of a home that lies inside the clone: why that is bad, and how it is moved. */
export function describeMisplacedHome({ folder, belongsIn }: Home): string | null {
  if (belongsIn === null) return null;
  const why = `The home of this lab, ${folder}, lies inside the clone, where git clean -x deletes it.`;
  if (existsSync(belongsIn))
    return `${why} There is another home at ${belongsIn}; stop the lab, move this one to a folder of your own and name that with PRAXIS_HOME.`;
  return `${why} To move it, stop the lab and give: mkdir -p '${path.dirname(belongsIn)}' && mv '${folder}' '${belongsIn}'`;
}

/** The XDG Base Directory rules say that a path which is not absolute counts for nothing. */
function toOwnFolder(env: Readonly<Record<string, string | undefined>>): string {
  const data = env['XDG_DATA_HOME'];
  const base = data !== undefined && path.isAbsolute(data) ? data : path.join(env['HOME'] || homedir(), '.local', 'share');
  return path.join(base, 'praxis');
}
