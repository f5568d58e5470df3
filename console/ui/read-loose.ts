// What was typed as the value that it looks like: a number, a truth or a list where it is one, else the text as it stands. The lab says
// where that is not what it asked for.

export function readLoose(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
