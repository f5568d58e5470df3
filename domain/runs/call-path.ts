// Paths of calls: `run/name.2`. What happens in a part of a call carries the part in its path: in an iteration
// `run/name.2[1.57]`, a branch `run/name.2(1.3)`, a section `run/name.2{1}`, and parts of parts.

/** Rows of calls are found by their paths, and an index of Postgres takes no more; some sixty levels of long names. */
export const CALL_PATH_LIMIT_CHARACTERS = 2_000;

/** The call that a path stands in: `a/b.1[1.57](2.1)` → `a/b.1`. */
export function toCallOf(path: string): string {
  const name = path.lastIndexOf('/') + 1;
  const part = path.slice(name).search(/[[({]/u);
  return part < 0 ? path : path.slice(0, name + part);
}

/** The call that made this one: `a[1.57]/b.1` → `a`; empty for the root. */
export function toParentCall(path: string): string {
  const end = path.lastIndexOf('/');
  return end < 0 ? '' : toCallOf(path.slice(0, end));
}

/** The path within the parent: `a[1.57]/b.1` → `[1.57]/b.1`, `a/b.1` → `b.1`. */
export function toCallLabel(path: string): string {
  return path.slice(toParentCall(path).length).replace(/^\//u, '');
}

/** The path as it is shown everywhere, of one that a person may also have as a workflow's id (`<run>/a/b.1`) or within the run (`b.1`). */
export function toShownPath(given: string, { id, protocol }: { readonly id: string; readonly protocol: string }): string {
  const within = given.startsWith(`${id}/`) ? given.slice(id.length + 1) : given;
  return toCallOf(within.split('/')[0] ?? '') === protocol ? within : `${protocol}/${within}`;
}
