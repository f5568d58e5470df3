// The checker as a program: `node dist/campaign/check/main.js --lab FOLDER`, FOLDER being the home of a lab that is up, or
// `--evidence FILE` for what `--save FILE` kept. Exits with 1 where an invariant is violated.

import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { checkLab } from './check-lab.js';
import type { Evidence } from './evidence.js';
import { findLab, readLab } from './read-lab.js';
import { describeFindings } from './report.js';

const { values } = parseArgs({ options: { lab: { type: 'string' }, evidence: { type: 'string' }, save: { type: 'string' } } });
if (values.lab === undefined && values.evidence === undefined) {
  process.stderr.write('error USAGE Neither --lab FOLDER nor --evidence FILE was given.\n');
  process.exit(2);
}
const evidence =
  values.evidence === undefined
    ? await readLab(findLab(values.lab ?? ''))
    : (JSON.parse(readFileSync(values.evidence, 'utf8')) as Evidence);
if (values.save !== undefined) writeFileSync(values.save, JSON.stringify(evidence));
const found = checkLab(evidence);
process.stdout.write(describeFindings(found, evidence));
process.exitCode = found.length === 0 ? 0 : 1;
