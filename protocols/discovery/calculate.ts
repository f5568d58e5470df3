// Arithmetic of specs: numbers calculated with + - * / % ** and signs, texts joined by + or in a template.

import ts from 'typescript';
import type { Json } from '../../domain/json/json.js';

/** The value of an operand; undefined where it had to be reported. */
export type Read = (operand: ts.Expression) => Json | undefined;

const OPERATIONS: Readonly<Partial<Record<ts.SyntaxKind, (left: number, right: number) => number>>> = {
  [ts.SyntaxKind.PlusToken]: (left, right) => left + right,
  [ts.SyntaxKind.MinusToken]: (left, right) => left - right,
  [ts.SyntaxKind.AsteriskToken]: (left, right) => left * right,
  [ts.SyntaxKind.SlashToken]: (left, right) => left / right,
  [ts.SyntaxKind.PercentToken]: (left, right) => left % right,
  [ts.SyntaxKind.AsteriskAsteriskToken]: (left, right) => left ** right,
};

export function isCalculation(node: ts.Expression): boolean {
  if (ts.isBinaryExpression(node)) return OPERATIONS[node.operatorToken.kind] !== undefined;
  if (ts.isPrefixUnaryExpression(node)) return node.operator === ts.SyntaxKind.MinusToken || node.operator === ts.SyntaxKind.PlusToken;
  return ts.isTemplateExpression(node);
}

/** Undefined where an operand could not be read, or where it comes to nothing that a spec may hold. */
export function calculate(node: ts.Expression, read: Read): number | string | undefined {
  if (ts.isTemplateExpression(node)) return joinTemplate(node, read);
  if (ts.isPrefixUnaryExpression(node)) {
    const value = read(node.operand);
    if (typeof value !== 'number') return undefined;
    return node.operator === ts.SyntaxKind.MinusToken ? -value : value;
  }
  return ts.isBinaryExpression(node) ? calculatePair(node, read) : undefined;
}

function calculatePair({ left, operatorToken, right }: ts.BinaryExpression, read: Read): number | string | undefined {
  const [one, other] = [read(left), read(right)];
  if (
    operatorToken.kind === ts.SyntaxKind.PlusToken &&
    isPrintable(one) &&
    isPrintable(other) &&
    (typeof one === 'string' || typeof other === 'string')
  )
    return `${one}${other}`;
  const result = typeof one === 'number' && typeof other === 'number' ? OPERATIONS[operatorToken.kind]?.(one, other) : undefined;
  return result !== undefined && Number.isFinite(result) ? result : undefined;
}

function joinTemplate({ head, templateSpans }: ts.TemplateExpression, read: Read): string | undefined {
  const values = templateSpans.map(({ expression }) => read(expression));
  if (!values.every(isPrintable)) return undefined;
  return head.text + templateSpans.map(({ literal }, k) => `${values[k]}${literal.text}`).join('');
}

function isPrintable(value: Json | undefined): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}
