// Finds the names a person may have meant by a misspelt one.

const NEAR_MATCHES_MAX = 3;

/** The nearest known names, best first; empty where nothing is near. */
export function findNearMatches(given: string, known: readonly string[]): string[] {
  const wanted = given.toLowerCase();
  const farthest = Math.max(2, Math.floor(wanted.length / 3));
  return [...new Set(known)]
    .map((name) => ({ name, distance: measureDistance(wanted, name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= farthest || (wanted.length >= 3 && name.toLowerCase().includes(wanted)))
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, NEAR_MATCHES_MAX)
    .map(({ name }) => name);
}

/** Levenshtein distance: insertions, deletions and replacements from one text to the other. */
function measureDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[to.length] ?? 0;
}
