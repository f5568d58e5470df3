// Protocol source for tests of discovery: a sound protocol with one part replaced.

import { discoverProtocols, type Discovery } from './discover-protocols.js';

export const IMPORT = `import { labware, machine, param, protocolFunction } from 'praxis/sdk';\n`;

export function discover(text: string, path = 'a.ts'): Discovery {
  return discoverProtocols({ folder: '/source', files: [{ path, text }] });
}

/** A sound protocol with one part replaced; the import is line 1, the protocol begins on line 2. */
export function withSpec(changes: Readonly<Record<string, string>> = {}, before = ''): string {
  const fields = { name: `'mix'`, version: `'1.0.0'`, description: `'Mixes.'`, ...changes };
  const spec = Object.entries(fields).filter(([, value]) => value !== '');
  return `${IMPORT}${before}export const mix = protocolFunction({ ${spec.map(([k, v]) => `${k}: ${v}`).join(', ')} }, async () => {});\n`;
}

export function withParameter(parameter: string, before = ''): string {
  return withSpec({ parameters: `{ x: ${parameter} }` }, before);
}

export function readParameter(parameter: string, before = ''): unknown {
  const { protocols, problems } = discover(withParameter(parameter, before));
  expect(problems).toEqual([]);
  return protocols[0]?.parameters['x'];
}
