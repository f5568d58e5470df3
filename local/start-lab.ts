// Brings a lab up and takes it down: the order of the parts, who may start beside whom, what is left over
// from a killed lab, and the record of it all in <home>/lab.json.

import path from 'node:path';
import { isRemote } from '../domain/workcells/bridge-place.js';
import { LabError } from '../domain/errors/error.js';
import { findProjectRoot } from '../platform/paths.js';
import type { Settings } from '../platform/settings.js';
import type { BridgeOptions } from './bridge-process.js';
import { acquireLabLock } from './lab-lock.js';
import { ensureDoorKey, toDoorAddress } from '../platform/temporal-door.js';
import { ensureTokens } from '../platform/tokens.js';
import { readLabRecord, removeLabRecord, writeLabRecord, type LabAddresses, type LabRecord } from './lab-record.js';
import {
  describeBridge,
  describeNodeProcess,
  describePostgres,
  describeRedis,
  describeTemporal,
  findEntries,
  hasTemporalDoor,
  prepareLab,
  toTemporalFolder,
  type Entries,
  type ServiceWorld,
} from './lab-services.js';
import { requireFreePorts, type WantedPort } from './ports.js';
import { prepareHome } from './prepare-home.js';
import { readStartTime } from './process-identity.js';
import { prepareVenv } from './python-venv.js';
import { findRecorded, toRecordFile } from './recorded-process.js';
import { findRedis, toRedisUrl } from './redis.js';
import { describeRemoteBridge } from './remote-bridge.js';
import { endProcess } from './running-process.js';
import { createSupervisor, type Service, type Supervisor, type SupervisorEvent } from './supervisor.js';
import { isTemporalLeft } from './temporal.js';
import { findOrBuildTemporal, findOrBuildTemporalServer } from './temporal-binary.js';

/** Processes of a killed lab end by themselves when their pipe closes; after this they are ended. */
const LEFTOVER_TIMEOUT_MS = 5_000;
/** Where the lab runs the real server: of its parts among themselves. */
const TEMPORAL_INNER_PORTS = 7;
const NODE_PROCESSES = ['api', 'workflow-worker', 'workcell-worker'] as const;

/** Shows a step while it runs: `run` does the work and may say what it is at. */
export type ShowStep = <T>(title: string, run: (say: (line: string) => void) => Promise<T>) => Promise<T>;

export interface StartLabOptions {
  readonly settings: Settings;
  readonly env: NodeJS.ProcessEnv;
  readonly showStep: ShowStep;
  readonly onEvent: (event: SupervisorEvent) => void;
  /** What the protocols' authors should know; the lab starts all the same. */
  readonly onWarning?: (line: string) => void;
  /** For tests: other scripts in the place of dist/workers, another bridge in the place of ours. */
  readonly entries?: Entries;
  readonly bridgeCommand?: BridgeOptions['command'];
}

export interface Lab {
  readonly addresses: LabAddresses;
  /** In order: no new work, the command under way ends, then everything else. */
  stop(): Promise<void>;
  /** Cuts the waits of a stop that is under way. */
  hurry(): void;
}

export async function startLab(options: StartLabOptions): Promise<Lab> {
  const { settings } = options;
  prepareHome(settings.home);
  const lock = await acquireLabLock(settings.home);
  let lab: LabInProgress | undefined;
  try {
    ensureTokens(settings.home);
    await endLeftovers(settings.home);
    await requireFreePorts(listWantedPorts(settings));
    lab = createLab(options);
    await lab.start();
  } catch (error) {
    await lab?.stop();
    lock.release();
    throw error;
  }
  const started = lab;
  return {
    addresses: started.addresses(),
    hurry: () => {
      started.supervisor.hurry();
    },
    async stop() {
      await started.stop();
      lock.release();
    },
  };
}

interface LabInProgress {
  readonly supervisor: Supervisor;
  addresses(): LabAddresses;
  start(): Promise<void>;
  stop(): Promise<void>;
}

function createWorld({ settings, env, entries }: StartLabOptions): ServiceWorld {
  const projectRoot = findProjectRoot();
  return { settings, projectRoot, env, entries: entries ?? findEntries(projectRoot) };
}

interface NodeStart {
  readonly title: string;
  readonly name: (typeof NODE_PROCESSES)[number];
  readonly entry: string;
}

function listNodeProcesses({ entries }: ServiceWorld): NodeStart[] {
  return [
    { title: 'Workflow worker', name: 'workflow-worker', entry: entries.workflowWorker },
    { title: 'Workcell worker', name: 'workcell-worker', entry: entries.workcellWorker },
    { title: 'API', name: 'api', entry: entries.api },
  ];
}

function createLab(options: StartLabOptions): LabInProgress {
  const { settings, showStep } = options;
  const world = createWorld(options);
  let databaseUrl = settings.databaseUrl ?? '';
  let redisUrl = settings.redisUrl;
  let status: LabRecord['status'] = 'starting';
  const temporalUi = findTemporalUi(settings);
  const addresses = (): LabAddresses => ({
    api: `http://127.0.0.1:${settings.port}`,
    temporalUi,
    temporalAddress: settings.temporalAddress,
    databaseUrl,
    redisUrl,
    bridgeSocket: settings.bridgeSocket,
  });
  const record = (): void => keepRecord(options, { status, ...addresses(), pids: { supervisor: process.pid, ...supervisor.listPids() } });
  const supervisor = createSupervisor((event) => {
    record();
    options.onEvent(event);
  });
  const supervise = async (service: Service): Promise<void> => {
    await supervisor.supervise(service);
    record();
  };

  const startPostgresServer = async (): Promise<void> => {
    if (settings.databaseUrl === null) await showStep('Postgres', () => supervise(describePostgres(world, (url) => (databaseUrl = url))));
  };
  const startDatabase = async (): Promise<void> => {
    for (const warning of await showStep('Database and protocols', () => prepareLab(world, databaseUrl))) options.onWarning?.(warning);
  };
  const startRedisServer = async (): Promise<void> => void (redisUrl ??= await startRedisIfThere(world, showStep, supervise));
  const startBridge = async (): Promise<void> => {
    const { bridge } = settings;
    if (isRemote(bridge)) {
      await showStep('Bridge', () => describeRemoteBridge(bridge, settings));
      return;
    }
    const command = options.bridgeCommand ?? ([await showStep('Python packages', () => makeVenv(world)), '-m', 'praxis_bridge'] as const);
    await showStep('Bridge', () => supervise(describeBridge(world, [...command])));
  };

  return {
    supervisor,
    addresses,
    async start() {
      const postgres = startPostgresServer();
      await settleAll([
        postgres.then(startDatabase),
        startRedisServer(),
        startTemporal(world, { showStep, supervise, waitForDatabase: () => postgres.then(() => databaseUrl) }),
        startBridge(),
      ]);
      const stores = { databaseUrl, redisUrl };
      const startNode = ({ title, ...node }: NodeStart): Promise<void> =>
        showStep(title, () => supervise(describeNodeProcess(world, { ...node, stores })));
      await settleAll(listNodeProcesses(world).map(startNode));
      status = 'up';
      record();
    },
    async stop() {
      status = 'stopping';
      record();
      await supervisor.stop('api');
      await supervisor.stop('bridge');
      await Promise.all([supervisor.stop('workflow-worker'), supervisor.stop('workcell-worker')]);
      await Promise.all([supervisor.stop('temporal'), supervisor.stop('redis')]);
      await supervisor.stop('postgres');
      removeLabRecord(settings.home);
    },
  };
}

/** On a full disk the lab goes on with the record as it was; the next change writes it again. */
function keepRecord({ settings, onWarning }: StartLabOptions, record: Omit<LabRecord, 'processes'>): void {
  try {
    writeLabRecord(settings.home, record);
  } catch (error) {
    onWarning?.(`warning: lab.json could not be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The address of the door, with the key that lets a person in. */
function findTemporalUi(settings: Settings): string | null {
  return hasTemporalDoor(settings)
    ? toDoorAddress(settings.temporalUiPort, settings.temporalNamespace, ensureDoorKey(settings.home))
    : null;
}

/** Waits for all, so that nothing is still starting when the first failure is told and the rest is stopped. */
async function settleAll(starting: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(starting);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

interface TemporalStart {
  readonly showStep: ShowStep;
  readonly supervise: (service: Service) => Promise<void>;
  /** Where the real server keeps its data. */
  readonly waitForDatabase: () => Promise<string>;
}

async function startTemporal(world: ServiceWorld, { showStep, supervise, waitForDatabase }: TemporalStart): Promise<void> {
  const { settings } = world;
  if (settings.isTemporalExternal) return;
  await showStep('Temporal', async (say) => {
    const search = { cache: settings.cache, onProgress: say };
    const binary = await findOrBuildTemporal(search);
    const programs = settings.temporalKind === 'server' ? await findOrBuildTemporalServer(search) : null;
    const server = programs ? { server: { programs, databaseUrl: await waitForDatabase() } } : {};
    await supervise(describeTemporal(world, { binary, ...server }));
  });
}

/** Its URL, or null: Redis only makes the lab faster, so a lab without it is better than none. */
async function startRedisIfThere(
  world: ServiceWorld,
  showStep: ShowStep,
  supervise: (service: Service) => Promise<void>,
): Promise<string | null> {
  const { settings, env } = world;
  const binary = settings.mayStartRedis ? findRedis(env['PATH']) : null;
  if (binary === null) return null;
  return showStep('Redis', async (say) => {
    try {
      await supervise(describeRedis(world, binary));
      return toRedisUrl(settings.redisSocket);
    } catch (error) {
      say(`goes without: ${error instanceof Error ? error.message : String(error)}`);
      return null;
    }
  });
}

function makeVenv({ settings, projectRoot }: ServiceWorld): Promise<string> {
  const requirementsFile = path.join(projectRoot, 'bridge', 'requirements.txt');
  return prepareVenv({ cache: settings.cache, requirementsFile, extras: settings.bridgeExtras, python: settings.python });
}

/**
 * Workers and API of a killed lab would serve beside the new ones; Temporal, Postgres and bridge are adopted. A Redis
 * holds nothing worth adopting it for. Each has written itself down before it began, and the lab's record names it too.
 */
async function endLeftovers(home: string): Promise<void> {
  const earlier = readLabRecord(home)?.processes ?? {};
  const left = [...NODE_PROCESSES, 'redis'].flatMap((name) => [findRecorded(toRecordFile(home, name)), earlier[name] ?? null]);
  const alive = new Set(left.flatMap((found) => (found !== null && readStartTime(found.pid) === found.startTime ? [found.pid] : [])));
  await Promise.all([...alive].map((pid) => endProcess(pid, 'SIGTERM', LEFTOVER_TIMEOUT_MS)));
}

export function listWantedPorts(settings: Settings): WantedPort[] {
  const door = hasTemporalDoor(settings) ? [{ port: settings.temporalUiPort, purpose: 'the Temporal Web UI' }] : [];
  const ours = [{ port: settings.port, purpose: 'the API' }, ...door];
  // A Temporal that still runs holds its own ports; it is adopted or ended when its turn comes.
  if (settings.isTemporalExternal || isTemporalLeft(toTemporalFolder(settings))) return ours;
  const inner = Array.from({ length: TEMPORAL_INNER_PORTS }, (_, k) => ({
    port: settings.temporalInnerPort + k,
    purpose: 'the parts of Temporal',
  }));
  return [
    ...ours,
    { port: settings.temporalPort, purpose: 'Temporal' },
    ...(settings.temporalKind === 'server' ? inner : [{ port: settings.temporalHttpPort, purpose: 'the HTTP gate of Temporal' }]),
    { port: settings.temporalMetricsPort, purpose: 'the metrics of Temporal' },
  ];
}

/** For people and doctors: a start that was refused, in one line. */
export function describeFailure(error: unknown): string {
  if (error instanceof LabError) return `error ${error.code} ${error.message} Remedy: ${error.remedy}`;
  return `error INTERNAL ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}
