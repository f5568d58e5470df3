// Writes HELLO WORLD, one letter on each of ten plates, column by column with eight channels.

import { labware, machine, param, protocolFunction } from '../sdk/index.js';

const ROWS = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'] as const;
const TEXT = 'HELLOWORLD';
const COLUMNS_PER_LETTER = 5;
/** Column of the plate in which a letter begins, so that it stands in the middle. */
const FIRST_COLUMN = 4;
/** Eight rows of five columns; a # is a well to fill. Every column has at least one. */
const LETTERS: Readonly<Record<string, readonly string[]>> = {
  H: ['#...#', '#...#', '#...#', '#####', '#...#', '#...#', '#...#', '#...#'],
  E: ['#####', '#....', '#....', '####.', '#....', '#....', '#....', '#####'],
  L: ['#....', '#....', '#....', '#....', '#....', '#....', '#....', '#####'],
  O: ['.###.', '#...#', '#...#', '#...#', '#...#', '#...#', '#...#', '.###.'],
  W: ['#...#', '#...#', '#...#', '#...#', '#.#.#', '#.#.#', '##.##', '#...#'],
  R: ['####.', '#...#', '#...#', '####.', '##...', '#.#..', '#..#.', '#...#'],
  D: ['####.', '#...#', '#...#', '#...#', '#...#', '#...#', '#...#', '####.'],
};

/** 102 commands: eight tips on, an aspirate and a dispense for each of 50 columns, the tips back to their spots. */
export const helloWorld = protocolFunction(
  {
    name: 'hello_world',
    version: '1.0.0',
    isTopLevel: true,
    description: 'Draws HELLO WORLD on ten plates, one letter each.',
    parameters: { volumeUl: param.number({ unit: 'µL', min: 1, max: 100, default: 50, description: 'Volume of each dot' }) },
    assets: {
      lh: machine.liquidHandler({ description: 'Pipettes with eight channels' }),
      tips: labware.tipRack({ spots: 96, description: 'Tips in column 1' }),
      trough: labware.trough({ description: 'Ink, at least 12 mL at the default volume' }),
      plate1: labware.plate({ wells: 96, description: 'H' }),
      plate2: labware.plate({ wells: 96, description: 'E' }),
      plate3: labware.plate({ wells: 96, description: 'L' }),
      plate4: labware.plate({ wells: 96, description: 'L' }),
      plate5: labware.plate({ wells: 96, description: 'O' }),
      plate6: labware.plate({ wells: 96, description: 'W' }),
      plate7: labware.plate({ wells: 96, description: 'O' }),
      plate8: labware.plate({ wells: 96, description: 'R' }),
      plate9: labware.plate({ wells: 96, description: 'L' }),
      plate10: labware.plate({ wells: 96, description: 'D' }),
    },
  },
  async ({ volumeUl }, { lh, tips, trough, ...pages }, run) => {
    const plates = [
      pages.plate1,
      pages.plate2,
      pages.plate3,
      pages.plate4,
      pages.plate5,
      pages.plate6,
      pages.plate7,
      pages.plate8,
      pages.plate9,
      pages.plate10,
    ];
    await lh.pickUpTips(tips.spots('A1:H1'));
    // What a tip still holds is ink of the trough: it may stand in its spot again.
    const tipsOn = run.onCleanup('return the tips', () => lh.returnTips({ allowNonzeroVolume: true }));
    for (const [index, plate] of plates.entries()) {
      const letter = LETTERS[TEXT.charAt(index)] ?? [];
      for (let column = 0; column < COLUMNS_PER_LETTER; column++) {
        const useChannels = ROWS.map((_row, channel) => channel).filter((channel) => letter[channel]?.charAt(column) === '#');
        const wells = useChannels.map((channel) => `${ROWS[channel] ?? ''}${FIRST_COLUMN + column}`);
        await lh.aspirate(
          trough,
          wells.map(() => volumeUl),
          { useChannels },
        );
        await lh.dispense(plate.wells(wells.join(',')), volumeUl, { useChannels });
      }
    }
    await lh.returnTips();
    tipsOn.dispose();
    return { text: 'HELLO WORLD', plates: plates.map((plate) => plate.name) };
  },
);
