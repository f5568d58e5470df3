// Fills a plate in a pattern from a trough with one tip. The wells travel as one block: hundreds of commands in one go.

import { expandPositions, labware, LabError, machine, param, protocolFunction } from '../sdk/index.js';

const ROWS = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'] as const;

interface Chosen {
  readonly pattern: 'all' | 'columns' | 'rows' | 'checkerboard';
  readonly columns: readonly number[];
  readonly rows: readonly string[];
}

/** Two commands and two for each well: 194 for a whole plate, 98 for a checkerboard. */
export const platePreparation = protocolFunction(
  {
    name: 'plate_preparation',
    version: '1.0.0',
    isTopLevel: true,
    description: 'Fills all wells, columns, rows or a checkerboard of a plate.',
    parameters: {
      pattern: param.choice({ choices: ['all', 'columns', 'rows', 'checkerboard'], default: 'all', description: 'Which wells to fill' }),
      volumeUl: param.number({ unit: 'µL', min: 1, max: 1000, default: 200, description: 'Volume for each well' }),
      columns: param.list({
        of: param.integer({ min: 1, max: 12 }),
        max: 12,
        default: [],
        description: 'Columns to fill; for the pattern columns only',
      }),
      rows: param.list({
        of: param.choice({ choices: ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'] }),
        max: 8,
        default: [],
        description: 'Rows to fill; for the pattern rows only',
      }),
    },
    assets: {
      lh: machine.liquidHandler({ description: 'Pipettes' }),
      plate: labware.plate({ wells: 96, description: 'Room in the wells to fill' }),
      tips: labware.tipRack({ spots: 96, description: 'A tip in A1' }),
      trough: labware.trough({ description: 'Volume times wells of what is filled in' }),
    },
  },
  async ({ volumeUl, ...chosen }, { lh, plate, tips, trough }, run) => {
    const wells = listWells(chosen);
    await lh.pickUpTips(tips.spots('A1'));
    const tipOn = run.onCleanup('discard the tip', () => lh.discardTips());
    await run.block('fill wells', (block) => {
      const pipette = block.on(lh);
      for (const well of wells) {
        void pipette.aspirate(trough, volumeUl);
        void pipette.dispense(plate.wells(well), volumeUl);
      }
    });
    await lh.dropTips(tips.spots('A1'));
    tipOn.dispose();
    return { wells: wells.length, volumeUl };
  },
);

/** Throws PARAMETER_RANGE where the pattern lacks its columns or rows, or where they are given for another pattern. */
function listWells({ pattern, columns, rows }: Chosen): readonly string[] {
  requireMatch('columns', pattern, columns);
  requireMatch('rows', pattern, rows);
  const isWanted: Readonly<Record<Chosen['pattern'], (row: number, column: number) => boolean>> = {
    all: () => true,
    columns: (_row, column) => columns.includes(column),
    rows: (row) => rows.includes(ROWS[row] ?? ''),
    checkerboard: (row, column) => (row + column) % 2 === 1,
  };
  return expandPositions('A1:H12').filter((_well, index) => isWanted[pattern](Math.floor(index / 12), (index % 12) + 1));
}

function requireMatch(name: 'columns' | 'rows', pattern: Chosen['pattern'], given: readonly unknown[]): void {
  if ((pattern === name) === given.length > 0) return;
  const message =
    pattern === name ? `The pattern ${name} needs at least one of its ${name}.` : `${name} are given, but the pattern is ${pattern}.`;
  throw new LabError('PARAMETER_RANGE', {
    message,
    field: `parameters.${name}`,
    remedy: `Give ${name} together with the pattern ${name}, and only then.`,
  });
}
