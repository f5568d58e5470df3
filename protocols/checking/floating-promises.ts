// Promises that nobody waits for, found by their types: a command that is forgotten, a condition that asks a promise, a
// callback whose promise is thrown away.

import ts from 'typescript';

export interface FloatingPromise {
  readonly node: ts.Node;
  readonly message: string;
  readonly remedy: string;
}

/** Of the SDK, what a block of commands is written with. */
const BLOCK = 'Block';

export function findFloatingPromises(tree: ts.SourceFile, checker: ts.TypeChecker): readonly FloatingPromise[] {
  const found: FloatingPromise[] = [];
  const visit = (node: ts.Node): void => {
    // In there commands are only noted.
    if (ts.isFunctionLike(node) && takesBlock(node, checker)) return;
    if (ts.isExpressionStatement(node)) found.push(...findForgotten(node.expression, checker));
    if (ts.isCallExpression(node)) found.push(...findThrownAway(node, checker));
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

/** The function of `run.block`. */
function takesBlock(node: ts.SignatureDeclaration, checker: ts.TypeChecker): boolean {
  const [first] = node.parameters;
  return first !== undefined && checker.getTypeAtLocation(first).symbol?.name === BLOCK;
}

/** `lh.aspirate(…);`: what begins when the code comes to rest, and ends the run for want of somebody who waits. */
function findForgotten(expression: ts.Expression, checker: ts.TypeChecker): readonly FloatingPromise[] {
  const node = unwrap(expression);
  // Said in so many words: `void` and an assignment keep the promise on purpose.
  if (ts.isVoidExpression(node) || ts.isAwaitExpression(node) || isAssignment(node) || isCaught(node)) return [];
  const type = checker.getTypeAtLocation(node);
  const name = shorten(node);
  if (isPromise(type, checker))
    return [{ node, message: `Nobody waits for ${name}.`, remedy: `Write await ${name}; several at once: await Promise.all([…]).` }];
  const item = checker.getIndexTypeOfType(type, ts.IndexKind.Number);
  if (checker.isArrayType(type) && item && isPromise(item, checker))
    return [
      {
        node,
        message: `Nobody waits for the promises of ${name}.`,
        remedy: 'Write await Promise.all(…) around them, or a for loop with await.',
      },
    ];
  return [];
}

/** `wells.forEach(async …)`: whoever calls the function does not look at what it returns. */
function findThrownAway(call: ts.CallExpression, checker: ts.TypeChecker): readonly FloatingPromise[] {
  return call.arguments.flatMap((argument) => {
    if (!ts.isArrowFunction(argument) && !ts.isFunctionExpression(argument)) return [];
    const returned = checker.getTypeAtLocation(argument).getCallSignatures()[0]?.getReturnType();
    const expected = checker.getContextualType(argument)?.getCallSignatures() ?? [];
    const isIgnored = expected.length > 0 && expected.every((signature) => (signature.getReturnType().flags & ts.TypeFlags.Void) !== 0);
    if (!returned || !isIgnored || !isPromise(returned, checker)) return [];
    const message = `${shorten(call.expression)}() does not wait for the promise of this function.`;
    return [{ node: argument, message, remedy: 'Write a loop, for (const … of …) { await … }, or run.each.' }];
  });
}

function isPromise(type: ts.Type, checker: ts.TypeChecker): boolean {
  if ((type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) !== 0) return false;
  if (type.isUnion()) return type.types.some((member) => isPromise(member, checker));
  const then = type.getProperty('then');
  const declaration = then?.valueDeclaration ?? then?.declarations?.[0];
  return (
    then !== undefined && declaration !== undefined && checker.getTypeOfSymbolAtLocation(then, declaration).getCallSignatures().length > 0
  );
}

function isAssignment(node: ts.Node): boolean {
  return (
    ts.isBinaryExpression(node) &&
    node.operatorToken.kind >= ts.SyntaxKind.FirstAssignment &&
    node.operatorToken.kind <= ts.SyntaxKind.LastAssignment
  );
}

/** `x.catch(…)` and `x.then(…, …)` say what becomes of a failure; that nobody waits is then meant. */
function isCaught(node: ts.Node): boolean {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return false;
  const { text } = node.expression.name;
  return (text === 'catch' && node.arguments.length > 0) || (text === 'then' && node.arguments.length > 1);
}

function unwrap(node: ts.Expression): ts.Expression {
  return ts.isParenthesizedExpression(node) ? unwrap(node.expression) : node;
}

const SHORT_CHARS = 40;

function shorten(node: ts.Node): string {
  const text = node.getText().replace(/\s+/gu, ' ');
  return text.length > SHORT_CHARS ? `${text.slice(0, SHORT_CHARS - 1)}…` : text;
}
