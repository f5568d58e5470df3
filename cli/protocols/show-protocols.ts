// `praxis protocols`: what can be run, what one protocol wants, and how it went until now.

import { CliError, EXIT_BAD_INPUT, EXIT_OK } from '../terminal/exit.js';
import { describeDefault } from '../render/describe-default.js';
import { renderTable } from '../render/render-table.js';
import type { JsonOption, World } from '../client/world.js';
import { showStatistics } from './show-statistics.js';
import { describeSpec } from '../../domain/protocols/parameter.js';
import { describeAsset } from '../../domain/protocols/protocol.js';
import { formatSourceReport, type SourceReport } from '../../domain/protocols/source-report.js';
import { describeRule } from '../../domain/protocols/recovery.js';

export interface ProtocolsOptions extends JsonOption {
  readonly statistics?: boolean;
}

export async function showProtocols(world: World, name: string | undefined, options: ProtocolsOptions): Promise<number> {
  if (options.statistics === true) {
    if (name !== undefined) return await showStatistics(world, name, options);
    throw new CliError(EXIT_BAD_INPUT, {
      code: 'BAD_OPTION',
      message: '--statistics wants the name of a protocol.',
      remedy: 'See the names with: praxis protocols.',
    });
  }
  if (name === undefined) await listProtocols(world, options);
  else await showProtocol(world, name, options);
  return EXIT_OK;
}

async function listProtocols({ api, terminal, printJson }: World, options: JsonOption): Promise<void> {
  const items = await api.readAll('listProtocols', {});
  const reports = await readReports(api);
  if (options.json === true) {
    printJson({ items, reports });
    return;
  }
  const topLevel = items.filter(({ isTopLevel }) => isTopLevel);
  if (topLevel.length === 0) terminal.line('No protocol is published yet.');
  else
    for (const line of renderTable(
      ['PROTOCOL', 'VERSION', 'DESCRIPTION'],
      topLevel.map((item) => [item.name, item.version, item.description]),
      terminal.width,
    ))
      terminal.line(line);
  if (reports.length > 0) terminal.line('');
  printReports(terminal, reports);
}

function printReports(terminal: World['terminal'], reports: readonly SourceReport[]): void {
  for (const report of reports) terminal.line(terminal.paint(report.severity === 'error' ? 'red' : 'yellow', formatSourceReport(report)));
}

async function readReports(api: World['api']): Promise<readonly SourceReport[]> {
  return (await api.listSourceReports({})).items;
}

async function showProtocol({ api, terminal, printJson }: World, name: string, options: JsonOption): Promise<void> {
  const protocol = await api.getProtocol({ params: { name } });
  if (options.json === true) {
    printJson(protocol);
    return;
  }
  terminal.line(
    `${terminal.paint('bold', protocol.name)} ${protocol.version}${protocol.isTopLevel ? '' : '  (called by other protocols)'}`,
  );
  terminal.line(protocol.description);
  terminal.line(`${protocol.file}:${protocol.line}, content ${protocol.contentHash ?? 'not known'}`);
  const parameters = Object.entries(protocol.parameters).map(([parameter, spec]) => [
    `  ${parameter}`,
    describeSpec(spec),
    spec.default === undefined ? 'required' : `default ${describeDefault(spec)}`,
    spec.description ?? '',
  ]);
  const assets = Object.entries(protocol.assets).map(([asset, spec]) => [`  ${asset}`, describeAsset(spec), spec.description ?? '']);
  if (parameters.length > 0) for (const line of renderTable(['parameters', '', '', ''], parameters)) terminal.line(line);
  const rules = Object.entries(protocol.recovery ?? {}).map(([code, rule]) => [`  ${code}`, describeRule(rule)]);
  if (assets.length > 0) for (const line of renderTable(['assets', '', ''], assets)) terminal.line(line);
  if (rules.length > 0) for (const line of renderTable(['when a command fails', ''], rules)) terminal.line(line);
  const reports = (await readReports(api)).filter(({ file }) => file.endsWith(`/${protocol.file}`));
  if (reports.some(({ severity }) => severity === 'error'))
    terminal.line('Its file has an error since; this is the version that was published last.');
  printReports(terminal, reports);
}
