// What the compiler says, in one sentence, and what a person can do about it.

import type ts from 'typescript';

interface Told {
  readonly message: string;
  readonly code: string;
  readonly remedy: string;
}

/** Names that programs outside of protocols know, and what does the same here. */
const MISSING_NAMES: Readonly<Record<string, string>> = {
  fetch: 'Protocol code has no network: take what it needs as a parameter, or have an instrument do it.',
  setTimeout: 'Write await run.delay({ seconds: 1 }), which also survives a restart.',
  setInterval: 'Write a loop with await run.delay({ seconds: 1 }), which also survives a restart.',
  setImmediate: 'Write the code after an await; a run has no event loop of its own.',
  process: 'Protocol code has no environment: take what it needs as a parameter.',
  require: "Write import { … } from '…' at the top of the file.",
  Buffer: 'Write Uint8Array, TextEncoder or TextDecoder.',
  window: 'Protocol code is not executed in a browser; ask people with run.ask.',
  document: 'Protocol code is not executed in a browser; ask people with run.ask.',
  alert: 'Ask people with await run.ask.confirm(…).',
  performance: 'Write run.now().',
  crypto: 'Write run.random().',
};

const STRING_AS_NUMBER = 'Write the number without quotes; of a parameter: declare it with param.number() or param.integer().';
const NOT_JSON = /not assignable to type '(?:Json|ProtocolResult)'/u;
const AS_JSON =
  'Return what JSON has: texts, numbers, true, false, null, lists and plain objects; of a Map: Object.fromEntries(map), of a Date: its toISOString().';
const REMEDIES: Readonly<Record<number, string>> = {
  2801: 'Write await before it.',
  2353: 'Leave it out, or write it as the type declares it.',
  7053: 'Ask for it with a method of the handle: plate.wells(…), tips.spots(…).',
  7006: 'Write its type behind a colon.',
  7031: 'Write its type behind a colon.',
  2554: 'Give as many arguments as the function takes.',
  18046: 'Look what it is before it is used: typeof … , instanceof LabError.',
  2532: 'Say what is to happen where it is missing: ?. or an if before it.',
  18048: 'Say what is to happen where it is missing: ?. or an if before it.',
};

/** A diagnostic as a sentence of one line, and a remedy. `members`: what the thing has of which something else was asked. */
export function describeDiagnostic(diagnostic: ts.Diagnostic, members: readonly string[] = []): Told {
  const chain = flatten(diagnostic.messageText);
  const [first = ''] = chain;
  const message = diagnostic.code === 2769 ? toOverloadMessage(chain) : chain.slice(0, 3).join(' ').replace(INSTALL_HINT, '');
  return {
    message: endSentence(shortenTypes(message)),
    code: `TS${diagnostic.code}`,
    remedy: findRemedy(diagnostic.code, { first, chain, members }),
  };
}

function findRemedy(
  code: number,
  { first, chain, members }: { first: string; chain: readonly string[]; members: readonly string[] },
): string {
  const missing = /^Cannot find name '(\w+)'/u.exec(first)?.[1];
  if (missing !== undefined) return MISSING_NAMES[missing] ?? `Declare it, import it, or mend its spelling.`;
  const meant = /Did you mean (?:to write )?'([^']+)'\?/u.exec(chain.join(' '))?.[1];
  if (meant !== undefined) return `Write ${meant}.`;
  if (/^(?:Argument of type|Type) '(?:string|"[^"]*")' is not assignable to .*'(?:OneOrEach<)?number\b/u.test(first))
    return STRING_AS_NUMBER;
  if (NOT_JSON.test(chain.join(' '))) return AS_JSON;
  const known = REMEDIES[code];
  if (known !== undefined) return known;
  if (members.length > 0) return `There are: ${members.slice(0, MEMBERS_MAX).join(', ')}${members.length > MEMBERS_MAX ? ', …' : ''}.`;
  return 'Write it as the types demand.';
}

/** Of several forms of a function the one counts that most is written for: its reason lies deepest, and it is the one that helps. */
function toOverloadMessage(chain: readonly string[]): string {
  const starts = chain.flatMap((line, at) => (line.startsWith('Overload ') ? [at] : []));
  const forms = starts.map((start, k) => chain.slice(start + 1, starts[k + 1] ?? chain.length));
  const reasons = forms.reduce<readonly string[]>((longest, form) => (form.length > longest.length ? form : longest), []);
  const at = reasons.findIndex((line) => line.startsWith('Property '));
  return (at < 0 ? reasons.slice(-2) : reasons.slice(at, at + 2)).join(' ') || (chain[0] ?? '');
}

function flatten(text: string | ts.DiagnosticMessageChain): readonly string[] {
  if (typeof text === 'string') return text.split('\n').map((line) => line.trim());
  return [text.messageText, ...(text.next ?? []).flatMap(flatten)];
}

/** Meant for programs of Node and for web pages. */
const INSTALL_HINT = / Do you need to (?:install|change) .*$/u;
const TYPE_CHARS_MAX = 90;

const MEMBERS_MAX = 20;

/** Types of whole specs fill the screen and help nobody. */
function shortenTypes(message: string): string {
  return message.replace(/'[^']{91,}'/gu, (type) => `${type.slice(0, TYPE_CHARS_MAX)}…'`);
}

function endSentence(text: string): string {
  return /[.?!]$/u.test(text) ? text : `${text}.`;
}
