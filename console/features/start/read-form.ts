// What was typed → what the lab is given. What is left empty is left out; what is no number or list goes as it is, and the lab says what is
// wrong with it.

import { readLoose } from '../../ui/read-loose.js';
import type { Protocol } from './protocol.js';

export type Texts = Readonly<Record<string, string>>;
type Given = Readonly<Record<string, never>>;

const READ_AS_JSON = new Set(['number', 'integer', 'boolean', 'list']);

export function readForm(parameters: Protocol['parameters'], texts: Texts): Given {
  const typed = Object.entries(texts).filter(([, text]) => text.trim() !== '');
  return Object.fromEntries(
    typed.map(([name, text]) => [name, READ_AS_JSON.has(parameters[name]?.type ?? '') ? readLoose(text) : text]),
  ) as Given;
}
