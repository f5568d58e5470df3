// What the generated tables of the bridge share: lines for the methods of each front end, in one order.

import type { Catalogue } from '../domain/catalogue/catalogue.js';
import { findPolicy } from '../domain/catalogue/method-policy.js';
import { isCommandPolicy, type CommandPolicy } from '../domain/catalogue/policy.js';

/** Members of a Python dict by front end and method; `toValue` gives the Python of a method, undefined where it is left out. */
export function renderMethodLines(catalogue: Catalogue, toValue: (policy: CommandPolicy) => string | undefined): readonly string[] {
  return Object.entries(catalogue.frontends).flatMap(([frontEnd, { methods }]) => {
    const lines = Object.keys(methods)
      .sort()
      .flatMap((method) => {
        const policy = findPolicy(frontEnd, method);
        const value = policy !== undefined && isCommandPolicy(policy) ? toValue(policy) : undefined;
        return value === undefined ? [] : [`        "${method}": ${value},`];
      });
    return lines.length === 0 ? [] : [`    "${frontEnd}": {`, ...lines, '    },'];
  });
}
