// Reads the options of a program of the campaign. Who asks for help, or gives what it does not know, is told how it is called.

import { parseArgs, type ParseArgsConfig } from 'node:util';

const WRONG_USAGE = 2;

type Options = NonNullable<ParseArgsConfig['options']>;
type Values<O extends Options> = ReturnType<typeof parseArgs<{ options: O }>>['values'];

/** Ends the process where nothing is to be done. */
export function readOptions<const O extends Options>(options: O, usage: string): Values<O> {
  if (process.argv.includes('--help')) {
    console.log(usage);
    process.exit(0);
  }
  try {
    return parseArgs<{ options: O }>({ options }).values;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    process.exit(WRONG_USAGE);
  }
}
