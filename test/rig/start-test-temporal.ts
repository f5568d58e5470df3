// Starts a real Temporal dev server in a temporary folder, with the settings that the lab uses.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findFreePorts } from '../../local/free-ports.js';
import { startTemporal, type TemporalOptions } from '../../local/temporal.js';
import { findOrBuildTemporal } from '../../local/temporal-binary.js';
import { readSettings } from '../../platform/settings.js';

const STOP_TIMEOUT_MS = 10_000;
const PORTS_NEEDED = 3;

export interface TestTemporal {
  readonly address: string;
  readonly namespace: string;
  /** Ends the server, keeping its file. */
  pause(): Promise<void>;
  /** Starts it again on the same file and ports. */
  resume(): Promise<void>;
  stop(): Promise<void>;
}

/** A server whose files are below the folder, on ports that are free now. */
export async function toTestTemporalOptions(folder: string): Promise<TemporalOptions> {
  const port = await findFreePorts(PORTS_NEEDED);
  return {
    binary: await findOrBuildTemporal({ cache: readSettings().cache }),
    dataFolder: path.join(folder, 'temporal'),
    logFile: path.join(folder, 'temporal.log'),
    namespace: 'praxis',
    port,
    httpPort: port + 1,
    metricsPort: port + 2,
  };
}

export async function startTestTemporal(): Promise<TestTemporal> {
  const folder = mkdtempSync(path.join(tmpdir(), 'praxis-temporal-'));
  const options = await toTestTemporalOptions(folder);
  let server = await startTemporal(options);
  const pause = (): Promise<void> => server.stop(STOP_TIMEOUT_MS);
  return {
    address: `127.0.0.1:${options.port}`,
    namespace: options.namespace,
    pause,
    resume: async () => {
      server = await startTemporal(options);
    },
    stop: async () => {
      await pause();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
