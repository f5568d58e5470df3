// Text that others have written, shown so that it can neither move the cursor, nor begin a line of its own, nor turn what stands beside it around.

/** Colours that `paint` sets and takes back. */
const OWN_COLOUR = /^\u001b\[(?:0|1|2|22|31|32|33|36)m/u;
/** Control characters, line and paragraph separators, and what turns the direction of writing or has no width. */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

const NAMES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** `plate\n1` and `a\u202eb`, as they would be written in a program. What is safe stays as it is, colours of our own included. */
export function toSafeText(text: string): string {
  return text.replace(UNSAFE, (sign, at: number) => (OWN_COLOUR.test(text.slice(at, at + 5)) ? sign : nameSign(sign)));
}

function nameSign(sign: string): string {
  return NAMES[sign] ?? `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
