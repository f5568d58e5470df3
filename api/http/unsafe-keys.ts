// Finds what no request body may hold before a schema sees it: keys that reach the prototype of an object, which
// parsers drop in silence, and nesting so deep that recursive code would overflow.

import type { RequestProblem } from './problem.js';

export const NESTING_LIMIT = 32;
const PROBLEM_LIMIT = 20;

export function findUnsafeKeys(body: unknown): RequestProblem[] {
  const problems: RequestProblem[] = [];
  const waiting: { value: unknown; path: readonly string[] }[] = [{ value: body, path: [] }];
  for (let next = waiting.pop(); next !== undefined && problems.length < PROBLEM_LIMIT; next = waiting.pop()) {
    const { value, path } = next;
    if (typeof value !== 'object' || value === null) continue;
    if (path.length > NESTING_LIMIT) {
      const field = path.slice(0, 3).join('.');
      return [{ code: 'INVALID_REQUEST', detail: `The body is nested deeper than ${NESTING_LIMIT} levels.`, field }];
    }
    for (const [key, member] of Object.entries(value)) {
      const memberPath = [...path, key];
      if (key === '__proto__') {
        const field = memberPath.join('.');
        problems.push({ code: 'INVALID_REQUEST', detail: `'${key}' cannot be a name.`, field });
      } else {
        waiting.push({ value: member, path: memberPath });
      }
    }
  }
  return problems;
}
