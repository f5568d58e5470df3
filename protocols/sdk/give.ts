// The one door through which the SDK gives promises to author code, so that whoever executes it can see whether somebody
// waits for them.

/** Asks for something in the name of the author. `what` is how an author would write it. */
export type Give = <T>(what: string, ask: () => Promise<T>) => Promise<T>;

const plain: Give = (_what, ask) => ask();
let installed = plain;

/** Called by the executor, before any protocol function; without one nobody looks. */
export function installGive(watched: Give = plain): void {
  installed = watched;
}

export function give<T>(what: string, ask: () => Promise<T>): Promise<T> {
  return installed(what, ask);
}
