// Entry point `doctor [--json]`: looks at everything that a start needs and at every part of a lab that is
// up, and says for each what is wrong and what to do. Exit codes: 0 all well, 1 something is not.

import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import path from 'node:path';
import { isRemote } from '../domain/workcells/bridge-place.js';
import { createClient } from '../contract/client/client.js';
import { LabError } from '../domain/errors/error.js';
import { findProjectRoot } from '../platform/paths.js';
import { readSettings, type Settings } from '../platform/settings.js';
import { sayHello } from './bridge-wire.js';
import { checkDatabase, checkJournals } from './check-database.js';
import { checkProtocols } from './check-protocols.js';
import { checkStuckRuns } from './check-stuck-runs.js';
import { findProgram } from './find-program.js';
import { findLabHolder } from './lab-lock.js';
import { readLabRecord, type LabRecord } from './lab-record.js';
import { requireFreePorts } from './ports.js';
import { findPostgresBinaries } from './postgres-binaries.js';
import { readStartTime } from './process-identity.js';
import { findPython } from './python-venv.js';
import { answersPing, findRedis, toRedisUrl } from './redis.js';
import { describeRemoteBridge } from './remote-bridge.js';
import { describeFailure, listWantedPorts } from './start-lab.js';
import { findTemporal } from './temporal-binary.js';

const OLDEST_NODE = [20, 19] as const;
const FREE_DISK_GB_MIN = 2;
const BYTES_PER_GB = 1024 ** 3;
const HEALTH_TIMEOUT_MS = 3_000;

interface Finding {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly remedy?: string;
}

/** Returns what was found, or throws what is wrong with its remedy. */
type Check = () => string | Promise<string>;

try {
  const findings = await examine(readSettings());
  const isWell = findings.every(({ ok }) => ok);
  process.stdout.write(process.argv.includes('--json') ? `${JSON.stringify({ ok: isWell, findings })}\n` : toText(findings));
  process.exitCode = isWell ? 0 : 1;
} catch (error) {
  process.stderr.write(`${describeFailure(error)}\n`);
  process.exitCode = 1;
}

async function examine(settings: Settings): Promise<Finding[]> {
  const record = readLabRecord(settings.home);
  const isUp = findLabHolder(settings.home) !== null;
  const checks: [string, Check][] = [
    ['Node', checkNode],
    ['Python', async () => describePython(settings)],
    ['Postgres programs', () => (settings.databaseUrl === null ? describePostgresPrograms() : 'DATABASE_URL is set')],
    ['Redis program', () => describeRedisProgram(settings)],
    ['Temporal program', () => checkTemporalProgram(settings)],
    ['Home', () => checkHome(settings.home)],
    ['Disk', () => checkDisk(settings.home)],
  ];
  const { bridge } = settings;
  if (isRemote(bridge)) checks.push(['Bridge', () => describeRemoteBridge(bridge, settings)]);
  if (isUp && record !== null) checks.push(...listLabChecks(settings, record));
  else checks.push(['Ports', () => checkPorts(settings)]);
  const findings = await Promise.all(checks.map(([name, check]) => find(name, check)));
  if (!isUp) findings.push({ name: 'Lab', ok: true, detail: 'is not up; start it with: npm start' });
  return findings;
}

function listLabChecks(settings: Settings, record: LabRecord): [string, Check][] {
  const processes = Object.entries(record.processes).map(([name, { pid, startTime }]): [string, Check] => [
    `Process ${name}`,
    () => {
      if (readStartTime(pid) === startTime) return `lives (process ${pid})`;
      throw new LabError('START_FAILED', {
        message: `Process ${pid} has ended.`,
        remedy: `Read ${path.join(settings.home, 'logs', `${name}.log`)}; the supervisor starts it again.`,
      });
    },
  ]);
  const redis: [string, Check][] = record.redisUrl === toRedisUrl(settings.redisSocket) ? [['Redis', () => checkRedis(settings)]] : [];
  return [
    ...processes,
    ...redis,
    ...(isRemote(settings.bridge) ? [] : [['Bridge', () => checkBridge(record)] satisfies [string, Check]]),
    ['Database', () => checkDatabase(record.databaseUrl)],
    ['API', () => checkApi(record)],
    ['Runs', () => checkStuckRuns(record.api)],
    ['Journal', () => checkJournals(record.databaseUrl)],
    ['Protocols', () => checkProtocols(record.api)],
    ...listDoorChecks(record),
  ];
}

async function find(name: string, check: Check): Promise<Finding> {
  try {
    return { name, ok: true, detail: await check() };
  } catch (error) {
    if (error instanceof LabError) return { name, ok: false, detail: error.message, remedy: error.remedy };
    return {
      name,
      ok: false,
      detail: error instanceof Error ? error.message : String(error),
      remedy: 'Read the message; it comes from the system.',
    };
  }
}

function checkNode(): string {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return process.versions.node;
  throw new LabError('TOOL_MISSING', {
    message: `Node ${process.versions.node} is too old.`,
    remedy: `Install Node ${OLDEST_NODE.join('.')} or newer.`,
  });
}

async function describePython(settings: Settings): Promise<string> {
  const { executable, version } = await findPython(settings.python);
  return `${version} at ${executable}`;
}

function describePostgresPrograms(): string {
  const { folder, major } = findPostgresBinaries();
  return `${major} in ${folder}`;
}

/** A lab without Redis is well; it is told all the same, because one that was forgotten looks like this too. */
function describeRedisProgram(settings: Settings): string {
  if (!settings.mayStartRedis) return settings.redisUrl === null ? 'REDIS_URL says none; Postgres does its work' : 'REDIS_URL is set';
  return findRedis() ?? 'none on PATH; Postgres does its work';
}

async function checkRedis(settings: Settings): Promise<string> {
  if (await answersPing(settings.redisSocket)) return `answers at ${settings.redisSocket}`;
  const remedy = `Read ${path.join(settings.home, 'logs', 'redis.log')}; the supervisor starts it again, and Postgres does its work until then.`;
  throw new LabError('START_FAILED', { message: `Nobody answers at ${settings.redisSocket}.`, remedy });
}

function checkTemporalProgram(settings: Settings): string {
  if (settings.isTemporalExternal) return `TEMPORAL_ADDRESS is set to ${settings.temporalAddress}`;
  const found = findTemporal({ cache: settings.cache });
  if (found !== null) return found;
  const go = findProgram('go');
  if (go !== null) return `will be built once with ${go}`;
  throw new LabError('TOOL_MISSING', {
    message: 'Neither the temporal program nor Go is on PATH.',
    remedy: 'Install the Temporal CLI 1.5.1 or Go 1.24 or newer, or set TEMPORAL_ADDRESS.',
  });
}

function checkHome(home: string): string {
  const nearest = findNearestFolder(home);
  try {
    accessSync(nearest, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new LabError('BAD_SETTING', {
      message: `${nearest} can not be written.`,
      remedy: 'Set PRAXIS_HOME to a folder of your own.',
      cause: error,
    });
  }
  return nearest === home ? home : `${home} (made at the first start)`;
}

function checkDisk(home: string): string {
  const { bavail, bsize } = statfsSync(findNearestFolder(home));
  const freeGb = (bavail * bsize) / BYTES_PER_GB;
  if (freeGb >= FREE_DISK_GB_MIN) return `${freeGb.toFixed(1)} GB free`;
  throw new LabError('START_FAILED', {
    message: `Only ${freeGb.toFixed(1)} GB are free.`,
    remedy: `Free ${FREE_DISK_GB_MIN} GB, or set PRAXIS_HOME to another disk.`,
  });
}

async function checkPorts(settings: Settings): Promise<string> {
  const wanted = listWantedPorts(settings);
  await requireFreePorts(wanted);
  return `${wanted.map(({ port }) => port).join(', ')} are free`;
}

async function checkBridge(record: LabRecord): Promise<string> {
  const hello = await sayHello(record.bridgeSocket);
  if (hello === null) throw new LabError('BRIDGE_UNREACHABLE', { message: `Nobody listens on ${record.bridgeSocket}.` });
  return `PyLabRobot ${hello.pylabrobot}, ${hello.runningCommands.length} commands running`;
}

async function checkApi(record: LabRecord): Promise<string> {
  const url = createClient({ url: record.api }).toUrl('getHealth', {});
  const status = await fetch(url, { signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS) }).then(
    (response) => response.status,
    (error: unknown) => String(error),
  );
  if (status === 200) return `answers at ${url}`;
  throw new LabError('START_FAILED', {
    message: `${url} does not answer as it should: ${status}.`,
    remedy: 'Read logs/api.log in the home.',
  });
}

/** Any answer of the door is well: it refuses who comes without the session. */
function listDoorChecks({ temporalUi }: LabRecord): [string, Check][] {
  if (temporalUi === null) return [];
  const check = async (): Promise<string> => {
    const isThere = await fetch(temporalUi, { redirect: 'manual', signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS) }).then(
      () => true,
      () => false,
    );
    if (isThere) return `answers at ${temporalUi}`;
    throw new LabError('START_FAILED', {
      message: 'The door to the Temporal Web UI does not answer.',
      remedy: 'Read logs/api.log in the home; the API serves it.',
    });
  };
  return [['Temporal Web UI', check]];
}

function findNearestFolder(wanted: string): string {
  for (let folder = wanted; ; folder = path.dirname(folder)) if (existsSync(folder) || folder === path.dirname(folder)) return folder;
}

function toText(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ name }) => name.length));
  const lines = findings.flatMap(({ name, ok, detail, remedy }) => [
    `${ok ? '✓' : '✗'} ${name.padEnd(width)}  ${detail}`,
    ...(remedy === undefined ? [] : [`  ${' '.repeat(width)}  Remedy: ${remedy}`]),
  ]);
  return `${lines.join('\n')}\nProject ${findProjectRoot()}\n`;
}
