// Names as people write them, brought into one form, so that two spellings of the same name are seen to be the same.

/** Equal for texts that a reader takes for the same title: other case, other forms of the same letter, blanks, what cannot be seen. */
export function toNameKey(text: string): string {
  return text
    .normalize('NFKC')
    .replaceAll(/\p{Cf}/gu, '')
    .replaceAll(/\s+/gu, ' ')
    .trim()
    .toLowerCase();
}

/** The same where words may also be joined by dashes, lines or nothing but a blank: `Row-wise`, `row_wise`. */
export function toWordKey(text: string): string {
  return toNameKey(text).replaceAll(/[\s_\p{Pd}]+/gu, ' ');
}
