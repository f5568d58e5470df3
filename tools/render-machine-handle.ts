// Source text of the typed handle of a front end: its interface, the arguments of its backends, its table of methods.

import type { Catalogue } from '../domain/catalogue/catalogue.js';
import { findPolicy } from '../domain/catalogue/method-policy.js';
import { isCommandPolicy } from '../domain/catalogue/policy.js';
import { listArguments, listBackendArguments, toHandleMethod, toResultReading, toResultType } from './machine-types.js';

const LINE_LENGTH_MAX = 140;

/** What a generated file may use, by the file it comes from. */
const SOURCES: readonly { readonly from: string; readonly names: readonly string[] }[] = [
  { from: '../../../domain/json/json.js', names: ['Json'] },
  { from: '../labware.js', names: ['ContainerRef', 'LabwareHandle'] },
  { from: '../machine-handle.js', names: ['AnyMachine', 'MethodPlans'] },
  {
    from: '../values.js',
    names: [
      ...['ArmPosition', 'Barcode', 'Coordinate', 'DispensedPowder', 'HorizontalAccess', 'ImagingResult', 'JointPosition', 'Mix'],
      ...['PlateReading', 'Powder', 'Site', 'TemperatureProtocol', 'VerticalAccess'],
    ],
  },
];

/** `ExperimentalSCARA` → `experimental-scara`. */
export function toFileName(frontEnd: string): string {
  return frontEnd.replace(/([a-z0-9])([A-Z])/gu, '$1-$2').toLowerCase();
}

/** `ExperimentalSCARA` → `EXPERIMENTAL_SCARA`. */
export function toPlanName(frontEnd: string): string {
  return toFileName(frontEnd).replaceAll('-', '_').toUpperCase();
}

/** Methods of a front end that are its own and commands. */
export function listCommands(catalogue: Catalogue, frontEnd: string): readonly string[] {
  const inherited = (catalogue.frontends[frontEnd]?.bases ?? []).flatMap((base) => Object.keys(catalogue.frontends[base]?.methods ?? {}));
  return Object.keys(catalogue.frontends[frontEnd]?.methods ?? {}).filter((method) => {
    const policy = findPolicy(frontEnd, method);
    return policy !== undefined && isCommandPolicy(policy) && !inherited.includes(method);
  });
}

export function renderHandle(catalogue: Catalogue, frontEnd: string): string {
  const bases = catalogue.frontends[frontEnd]?.bases ?? [];
  const methods = listCommands(catalogue, frontEnd).map((method) => renderMethod(catalogue, frontEnd, method));
  const blocks = [
    ...methods.flatMap(({ backendType }) => (backendType === undefined ? [] : [backendType])),
    renderInterface(frontEnd, bases, methods),
    renderPlans(frontEnd, bases, methods),
  ];
  return renderFile(
    [
      `// The ${frontEnd} as a protocol drives it: PyLabRobot's methods as commands. Generated from the catalogue by`,
      '// tools/generate-machines.ts; do not edit.',
    ],
    blocks,
    bases.map((base) => `import { ${toPlanName(base)}, type ${base} } from './${toFileName(base)}.js';`),
  );
}

/** What one backend takes beside the arguments of LiquidHandler, method by method, as `StarAspirate` and so on. */
export function renderBackendArguments(catalogue: Catalogue, backend: string, prefix: string): string {
  const methods = Object.keys(catalogue.backends[backend]?.methods ?? {});
  const blocks = methods.map((method) =>
    renderBackendType(catalogue, { name: `${prefix}${toTypeName(method)}`, backends: [backend], method }),
  );
  return renderFile(
    [
      `// What a ${backend} takes beside the arguments of the liquid handler, in its own words. Generated from the catalogue by`,
      '// tools/generate-machines.ts; do not edit.',
    ],
    blocks.flatMap((block) => block ?? []),
  );
}

interface RenderedMethod {
  readonly signature: string;
  readonly plan: string;
  readonly backendType: string | undefined;
}

function renderMethod(catalogue: Catalogue, frontEnd: string, method: string): RenderedMethod {
  const given = listArguments(catalogue, frontEnd, method);
  const backends = Object.keys(catalogue.backends).filter((name) => catalogue.backends[name]?.frontends.includes(frontEnd));
  const backendName = `${frontEnd}${toTypeName(method)}Backend`;
  const backendType = renderBackendType(catalogue, { name: backendName, backends, method });
  const result = toResultType(catalogue, frontEnd, method);
  const members = [
    ...given.map(({ name, type, required }) => `readonly ${name}${required ? '' : '?'}: ${type}`),
    ...(backendType === undefined ? [] : [`readonly backend?: ${backendName}`]),
  ];
  const mark = given.some(({ required }) => required) ? '' : '?';
  const reading = toResultReading(result);
  const plan = [
    `command: '${method}'`,
    ...(given.length === 0 ? [] : [`arguments: { ${given.map(({ name, original }) => `${name}: '${original}'`).join(', ')} }`]),
    ...(backendType === undefined ? [] : ['takesBackend: true']),
    ...(reading === undefined ? [] : [`result: '${reading}'`]),
  ];
  const name = toHandleMethod(method);
  const comment = `  /** ${toSentence(catalogue.frontends[frontEnd]?.methods[method]?.doc ?? '', method)} */`;
  return {
    signature: `${comment}\n${renderSignature(name, mark, members, result)}`,
    plan: renderPlan(name, plan),
    backendType,
  };
}

function renderPlan(name: string, plan: readonly string[]): string {
  const line = `  ${name}: { ${plan.join(', ')} },`;
  return line.length <= LINE_LENGTH_MAX ? line : [`  ${name}: {`, ...plan.map((member) => `    ${member},`), '  },'].join('\n');
}

function renderSignature(name: string, mark: string, members: readonly string[], result: string): string {
  if (members.length === 0) return `  ${name}(): Promise<${result}>;`;
  const line = `  ${name}(options${mark}: { ${members.join('; ')} }): Promise<${result}>;`;
  if (line.length <= LINE_LENGTH_MAX) return line;
  return [`  ${name}(options${mark}: {`, ...members.map((member) => wrapUnion(`    ${member};`)), `  }): Promise<${result}>;`].join('\n');
}

function renderInterface(frontEnd: string, bases: readonly string[], methods: readonly RenderedMethod[]): string {
  const parents = bases.length === 0 ? 'AnyMachine' : bases.join(', ');
  if (methods.length === 0) return `export interface ${frontEnd} extends ${parents} {}`;
  return [`export interface ${frontEnd} extends ${parents} {`, ...methods.map(({ signature }) => signature), '}'].join('\n');
}

function renderPlans(frontEnd: string, bases: readonly string[], methods: readonly RenderedMethod[]): string {
  const inherited = bases.map((base) => `  ...${toPlanName(base)},`);
  return [
    `export const ${toPlanName(frontEnd)}: MethodPlans<${frontEnd}> = {`,
    ...inherited,
    ...methods.map(({ plan }) => plan),
    '};',
  ].join('\n');
}

interface BackendType {
  readonly name: string;
  readonly backends: readonly string[];
  readonly method: string;
}

function renderBackendType(catalogue: Catalogue, { name, backends, method }: BackendType): string | undefined {
  const found = listBackendArguments(catalogue, backends, method);
  if (found.length === 0) return undefined;
  const members = found.flatMap(({ name: argument, type, requiredBy }) => [
    ...(requiredBy.length === 0 ? [] : [`  /** Needed by ${requiredBy.join(', ')}. */`]),
    wrapUnion(`  readonly ${argument}?: ${type};`),
  ]);
  return [`/** \`${method}\`. */`, `export interface ${name} {`, ...members, '}'].join('\n');
}

/** A long union gets lines of its own. */
function wrapUnion(line: string): string {
  if (line.length <= LINE_LENGTH_MAX) return line;
  const indent = `${/^ */u.exec(line)?.[0] ?? ''}  `;
  const lines: string[] = [];
  let current = '';
  for (const part of line.trim().split(/(?= \| )/u)) {
    if (`${indent}${current}${part}`.length > LINE_LENGTH_MAX) {
      lines.push(current);
      current = part.trim();
    } else current += part;
  }
  return [...lines, current].map((text, k) => `${k === 0 ? indent.slice(2) : indent}${text.trim()}`).join('\n');
}

function renderFile(header: readonly string[], blocks: readonly string[], imports: readonly string[] = []): string {
  const body = blocks.join('\n\n');
  const used = SOURCES.flatMap(({ from, names }) => {
    const found = names.filter((name) => new RegExp(`(?<![\\w'])${name}(?![\\w'])`, 'u').test(body));
    return found.length === 0 ? [] : [`import type { ${found.join(', ')} } from '${from}';`];
  });
  const all = [...used, ...imports];
  return `${[header.join('\n'), ...(all.length === 0 ? [] : [all.join('\n')]), body].join('\n\n')}\n`;
}

function toSentence(doc: string, method: string): string {
  const words = method.replaceAll('_', ' ');
  const text = (doc === '' ? `${words.charAt(0).toUpperCase()}${words.slice(1)}` : doc).replaceAll('*/', '* /');
  return /[.!?)]$/u.test(text) ? text : `${text}.`;
}

function toTypeName(method: string): string {
  const name = toHandleMethod(method);
  return name.charAt(0).toUpperCase() + name.slice(1);
}
