// The TypeScript blocks of a document: whole protocol files, which begin with their name, and short examples, which
// stand in the body of a protocol.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { findProjectRoot } from '../../platform/paths.js';

export interface CodeBlock {
  /** Of a whole file, as its first line says; null for an example. */
  readonly fileName: string | null;
  readonly source: string;
  /** Line of the document at which it begins. */
  readonly line: number;
}

/** What an example may use without declaring it. */
const GIVEN = `
import {
  expandPositions, labware, LabError, machine, param, protocolFunction, pumpFor, shakeFor, site,
  type ExperimentalSCARA, type HeaterShaker, type LiquidHandler, type Plate, type PlateReader, type Run, type TipRack, type Trough,
} from 'praxis/sdk';
declare const run: Run;
declare const lh: LiquidHandler;
declare const plate: Plate;
declare const tips: TipRack;
declare const diluent: Trough;
declare const reader: PlateReader;
declare const shaker: HeaterShaker;
declare const arm: ExperimentalSCARA;
`
  .trim()
  .replaceAll('\n', ' ');

export async function readCodeBlocks(document: string): Promise<readonly CodeBlock[]> {
  const text = await readFile(path.join(findProjectRoot(), document), 'utf8');
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gmu)].map(({ 1: source = '', index }) => ({
    fileName: /^\/\/ (\S+\.protocol\.ts)\n/u.exec(source)?.[1] ?? null,
    source,
    line: text.slice(0, index).split('\n').length + 1,
  }));
}

/** A module that compiles where the example does; the example keeps its line numbers less one. */
export function toModule(example: string): string {
  return `${GIVEN} export async function example(): Promise<void> {\n${example}\n}\n`;
}
