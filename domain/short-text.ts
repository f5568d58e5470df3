// Names that must not become too long: what is cut off is replaced by a hash of all of it, so that two never become one.

/** `~` and sixteen hexadecimal digits. */
const MARK_CHARACTERS = 17;
/** A global that is looked up in the context of a run costs some hundred times the multiplication. */
const { imul } = Math;

/** The text itself, or its beginning with a hash of all of it. */
export function shortenText(text: string, limitCharacters: number): string {
  return text.length <= limitCharacters ? text : `${text.slice(0, limitCharacters - MARK_CHARACTERS)}~${hashText(text)}`;
}

/** Sixty-four bits of FNV-1a with two bases, each mixed at its end: of a run's names no two will meet. */
function hashText(text: string): string {
  return hashHalf(text, 2_166_136_261) + hashHalf(text, 3_421_674_724);
}

function hashHalf(text: string, base: number): string {
  let hash = base;
  for (let i = 0; i < text.length; i++) hash = imul(hash ^ text.charCodeAt(i), 16_777_619);
  hash = imul(hash ^ (hash >>> 16), 2_246_822_507);
  hash = imul(hash ^ (hash >>> 13), 3_266_489_909);
  return ((hash ^ (hash >>> 16)) >>> 0).toString(16).padStart(8, '0');
}
