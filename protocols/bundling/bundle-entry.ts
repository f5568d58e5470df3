// Writes the first file of a bundle: it imports the protocol files, completes what discovery read from signatures, and
// exports the run workflow, the calculator and the rehearser over all of them.

import type { ProtocolDefinition } from '../../domain/protocols/protocol.js';
import type { SourceFunction } from './protocol-sources.js';

/** Upper case keeps the name apart from protocol names, which a worker looks up among the same exports. */
export const CALCULATOR_EXPORT = 'runCalculation';
export const REHEARSER_EXPORT = 'runRehearsal';

/** Source text of the entry, for the root of the tree that the files lie in. */
export function toBundleEntry(functions: readonly SourceFunction[]): string {
  // In the order in which they were found: of a name that is used twice the first counts, and the last in a list wins.
  const modules = [...new Set(functions.map(({ module }) => module))];
  const toReference = ({ module, protocol }: SourceFunction): string => `protocols${modules.indexOf(module)}.${protocol.exportName}`;
  const completed = functions.filter(({ protocol }) => protocol.form === 'signature');
  const plain = functions.filter(({ protocol }) => protocol.form === 'plain');
  return [
    `import { createRehearser, createRunWorkflow } from './workflows/index.js';`,
    `import { createCalculator } from './protocols/sdk/calculator.js';`,
    `import { completeDefinition, listProtocolFunctions, protocolFunction } from './protocols/sdk/protocol-function.js';`,
    ...modules.map((module, index) => `import * as protocols${index} from ${JSON.stringify(`./${module}`)};`),
    ...completed.map((each) => `completeDefinition(${toReference(each)}, ${JSON.stringify(each.protocol.parameters)});`),
    `const plain = {`,
    ...plain.map(
      (each) =>
        `  ${each.protocol.name.replaceAll(/\W/gu, '_')}: protocolFunction(${JSON.stringify(toSpec(each.protocol))}, ${toReference(each)}),`,
    ),
    `};`,
    `const modules = [${['plain', ...modules.map((_, index) => `protocols${index}`)].reverse().join(', ')}];`,
    `export default createRunWorkflow(modules);`,
    `export const ${CALCULATOR_EXPORT} = createCalculator(modules.flatMap(listProtocolFunctions));`,
    `export const ${REHEARSER_EXPORT} = createRehearser(modules);`,
    '',
  ].join('\n');
}

function toSpec({ name, version, description, isTopLevel, kind, parameters, assets }: ProtocolDefinition): ProtocolDefinition {
  return { name, version, description, isTopLevel, kind, parameters, assets };
}
