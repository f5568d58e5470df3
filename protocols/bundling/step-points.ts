// Steps: text that a bundle counts by what author code does, inserted by webpack's own parser where code can go on without
// end. What it is counted for, and what a trip comes to, lies in workflows/replay/steps.ts.

import type { BundleOptions } from '@temporalio/worker';

/** Of author code between two operations. A plain loop makes them in some 50 ms, which no protocol needs between two motions. */
export const STEPS_MAX = 20_000_000;
/** An await, and a `then`, take some hundred times a plain step where stores follow promises, and keep these meanwhile. */
const WAIT_WEIGHT = 256;

/** The engine may stand between the count and the author's line. */
const STACK_FRAMES = 60;

/**
 * A constant of the script: a property of the global object would cost 450 ns a step, this costs one. Once tripped, every
 * further step throws the same again, so that neither `catch` nor `finally` goes on. Small integers only: others are made
 * anew at each step.
 */
const COUNTER = `const __px = (() => {
  const LIMIT = ${STEPS_MAX};
  let left = LIMIT, tripped = null, world = { mayTrip: () => true, toError: (limit, stack) => new Error('More than ' + limit + ' steps ' + stack), hear: () => {} };
  const trip = () => {
    left = 0;
    if (tripped === null) {
      if (!world.mayTrip()) { left = LIMIT; return; }
      const kept = Error.stackTraceLimit;
      Error.stackTraceLimit = ${STACK_FRAMES};
      const { stack } = new Error('steps');
      Error.stackTraceLimit = kept;
      tripped = world.toError(LIMIT, String(stack));
      tripped.isStepTrip = true;
      world.hear();
    }
    throw tripped;
  };
  const step = () => { if (--left < 0) trip(); };
  step.by = (weight) => { if ((left -= weight) < 0) trip(); };
  step.renew = () => { if (tripped === null) left = LIMIT; };
  step.restart = () => { tripped = null; left = LIMIT; };
  step.install = (given) => { world = given; };
  step.tripped = () => tripped;
  return step;
})();`;

const LOOPS = new Set(['ForStatement', 'ForInStatement', 'ForOfStatement', 'WhileStatement', 'DoWhileStatement']);
const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);
const THENS = new Set(['then', 'catch', 'finally']);

type PluginOption = NonNullable<Parameters<NonNullable<BundleOptions['webpackConfigHook']>>[0]['plugins']>[number];
type CompilerOf<P> = P extends (this: never, compiler: infer C) => void ? C : never;
type Compiler = CompilerOf<PluginOption>;
interface Plugin {
  readonly apply: (compiler: Compiler) => void;
}

/** What this reads of a node of the syntax tree. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly body?: Node | readonly Node[];
  readonly [part: string]: unknown;
}
/** Text that goes in at a place of a module's source. */
export type Insertion = readonly [at: number, text: string];

/** Counts the steps of those modules that `isAuthor` names by their file. */
export function createStepPlugin(isAuthor: (file: string) => boolean): Plugin {
  return {
    apply: (compiler: Compiler) => {
      const { BannerPlugin, dependencies } = compiler.webpack;
      new BannerPlugin({ raw: true, banner: COUNTER }).apply(compiler);
      compiler.hooks.normalModuleFactory.tap('Steps', (factory) => {
        for (const type of ['auto', 'esm', 'dynamic'] as const) {
          factory.hooks.parser.for(`javascript/${type}`).tap('Steps', (parser) => {
            parser.hooks.program.tap('Steps', (program) => {
              const { module } = parser.state;
              if (!isAuthor((module as { readonly resource?: string }).resource ?? '')) return;
              // A module of its own, as its author wrote it, whatever the engine is joined to.
              if (module.buildInfo) module.buildInfo['moduleConcatenationBailout'] = 'steps';
              for (const [at, text] of listInsertions(program as unknown as Node))
                module.addPresentationalDependency(new dependencies.ConstDependency(text, at));
            });
          });
        }
      });
    },
  };
}

/** Loop heads, entries of functions, of `catch` and of `finally`, and what is handed to `then`. */
export function listInsertions(program: Node): readonly Insertion[] {
  const found: Insertion[] = [];
  const thens = new Set<unknown>();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) {
      for (const each of value) visit(each);
      return;
    }
    if (!isNode(value)) return;
    // What is called as often as a promise is asked for its value.
    if (isNode(value['value']) && (value['key'] as { readonly name?: string } | undefined)?.name === 'then') thens.add(value['value']);
    found.push(...listOwn(value, thens.has(value)));
    for (const part of listParts(value)) visit(part);
  };
  visit(program);
  return found;
}

function listOwn(node: Node, isThen: boolean): readonly Insertion[] {
  if (LOOPS.has(node.type)) return countLoop(node, node['await'] === true || hasAwait(node.body) ? stepBy(WAIT_WEIGHT) : '__px()');
  if (FUNCTIONS.has(node.type)) return countFunction(node, isThen || node['async'] === true ? stepBy(WAIT_WEIGHT) : '__px()');
  if (node.type === 'CatchClause') return [enterBlock(node.body as Node, '__px()')];
  if (node.type === 'TryStatement' && isNode(node['finalizer'])) return [enterBlock(node['finalizer'], '__px()')];
  if (node.type === 'CallExpression') return countThen(node);
  return [];
}

function countLoop({ body }: Node, step: string): readonly Insertion[] {
  const block = body as Node;
  return block.type === 'BlockStatement'
    ? [enterBlock(block, step)]
    : [
        [block.start, `{${step};`],
        [block.end, '}'],
      ];
}

function countFunction({ body }: Node, step: string): readonly Insertion[] {
  const block = body as Node;
  return block.type === 'BlockStatement'
    ? [enterBlock(block, step)]
    : [
        [block.start, `(${step},`],
        [block.end, ')'],
      ];
}

function countThen(call: Node): readonly Insertion[] {
  const callee = call['callee'] as Node;
  const property = callee['property'] as (Node & { readonly name?: string }) | undefined;
  const [first] = call['arguments'] as readonly Node[];
  if (callee.type !== 'MemberExpression' || !THENS.has(property?.name ?? '') || first === undefined || first.type === 'SpreadElement')
    return [];
  return [
    [first.start, `(${stepBy(WAIT_WEIGHT)},`],
    [first.end, ')'],
  ];
}

/** Directives stay what they are only at the very beginning. */
function enterBlock(block: Node, step: string): Insertion {
  const directives = (block.body as readonly Node[]).filter((statement) => statement['directive'] !== undefined);
  const last = directives.at(-1);
  return last ? [last.end, `;${step};`] : [block.start + 1, `${step};`];
}

function stepBy(weight: number): string {
  return `__px.by(${weight})`;
}

function hasAwait(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasAwait);
  if (!isNode(value) || FUNCTIONS.has(value.type)) return false;
  return value.type === 'AwaitExpression' || listParts(value).some(hasAwait);
}

function listParts(node: Node): readonly unknown[] {
  return Object.entries(node).flatMap(([key, part]) =>
    key !== 'loc' && key !== 'range' && typeof part === 'object' && part !== null ? [part as unknown] : [],
  );
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}
