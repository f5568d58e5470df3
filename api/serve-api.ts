// Puts the API together and runs it: the HTTP server on loopback, the loops that keep runs and Temporal together,
// and the listener that wakes both.

import { createServer, type Server } from 'node:http';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createApp } from './create-app.js';
import { startCountLoop } from './loops/count-loop.js';
import { startHistoryComparison } from './loops/compare-histories.js';
import { createEventHub } from './live/event-hub.js';
import { hostSequencer } from './live/host-sequencer.js';
import { startFreedSignaller } from './loops/tell-waiting-runs.js';
import type { Logger } from './http/logger.js';
import { createRunIdSource } from './runs/new-run-id.js';
import { limitRate } from './http/limit-rate.js';
import { refuseWhenFull } from './http/refuse-when-full.js';
import type { RehearsalWorld } from './rehearsal/rehearse-protocol.js';
import { startOutsideTeller } from './loops/outside-teller.js';
import { startReconciler } from './loops/reconciler.js';
import { createWorkcellAsker } from './requests/ask-workcell.js';
import { createLiveFeed } from './live/live-feed.js';
import { startRemindLoop } from './loops/remind-loop.js';
import { startSilenceLoop } from './loops/silence-loop.js';
import { startStarterLoop } from './loops/starter-loop.js';
import { connectTemporal, type TemporalClient } from './temporal/temporal-client.js';
import { REPLY_CHANNEL } from '../db/requests/workcell-request.queries.js';
import { closeDatabase, connectDatabase, type Database } from '../db/connection/connect-database.js';
import { listenForNotifications } from '../db/connection/listen.js';
import { LabError } from '../domain/errors/error.js';
import { findProjectRoot } from '../platform/paths.js';
import { openBlobStore } from '../platform/blob-store.js';
import { toDataConverter } from '../platform/large-payloads.js';
import { EVENTS_CHANNEL } from '../platform/ports/bus.js';
import type { OpenPorts } from '../platform/ports/ports.js';
import { requireDatabaseUrl, type Settings } from '../platform/settings.js';
import { readTokens } from '../platform/tokens.js';

const LOOPBACK = '127.0.0.1';
/** How long requests at hand may take to end when the API closes. */
const DRAIN_TIMEOUT_MS = 5000;
const DRAIN_LOOK_MS = 20;
const now = Date.now;

export interface ServedApi {
  readonly url: string;
  close(): Promise<void>;
}

export interface ApiWorld {
  readonly settings: Settings;
  readonly logger: Logger;
  /** Left out, no rate is limited and events are heard of from Postgres alone. */
  readonly openPorts?: (stores: { db: Database; databaseUrl: string }) => OpenPorts;
  /** Left out, nothing is rehearsed here. */
  readonly rehearse?: RehearsalWorld['rehearse'];
}

export async function serveApi({ settings, logger, openPorts, rehearse }: ApiWorld): Promise<ServedApi> {
  const databaseUrl = requireDatabaseUrl(settings);
  const onIdleError = (error: Error): void => logger.warn({ err: error }, 'an idle database connection was lost');
  const db = connectDatabase({ url: databaseUrl, applicationName: 'praxis-api', onError: onIdleError });
  const temporal = connectTemporal({
    address: settings.temporalAddress,
    namespace: settings.temporalNamespace,
    dataConverter: toDataConverter(openBlobStore(settings.blobFolder)),
    historyBudgetEvents: settings.historyBudgetEvents,
  });
  const hub = createEventHub();
  const feed = createLiveFeed({ db, hub, logger });
  const asker = createWorkcellAsker(db);
  const { starter, signaller, ...loops } = startLoops({ db, temporal, settings, logger });
  const hearers: Readonly<Record<string, (payload: string | undefined) => void>> = {
    praxis_events: (pos) => hub.wake(pos === undefined ? undefined : Number(pos)),
    praxis_freed: () => signaller.poke(),
    [REPLY_CHANNEL]: (id) => asker.hearReply(id),
  };
  const listener = listenForNotifications({
    url: databaseUrl,
    channels: Object.keys(hearers),
    onNotify: (channel, payload) => hearers[channel]?.(payload),
    onError: (error) => logger.warn({ err: error }, 'the listener for notifications was cut off and connects again'),
  });
  const ports = openPorts?.({ db, databaseUrl });
  ports?.bus.subscribe(EVENTS_CHANNEL, () => hub.wake());
  const app = createApp({
    db,
    hub,
    feed,
    asker,
    logger,
    now,
    newRunId: createRunIdSource(now),
    rehearse: rehearse ?? refuseToRehearse,
    onRunCreated: (run) => starter.start(run),
    ...{ tokens: readTokens(settings.home), refuseWhenFull: refuseWhenFull(settings) },
    temporal,
    ...(ports && settings.ratePerS > 0 && { limitRate: limitRate(ports.rates, settings.ratePerS) }),
    version: readVersion(),
    consoleFolder: path.join(findProjectRoot(), 'dist', 'console'),
  });
  const closeAll = async (): Promise<void> => {
    await Promise.all([listener.close(), ports?.close()]);
    await Promise.all([feed, starter, signaller, ...Object.values(loops)].map((each) => each.close()));
    await temporal.close();
    await closeDatabase(db);
  };
  const server = createServer(app);
  try {
    await listenOnLoopback(server, settings.port);
  } catch (error) {
    await closeAll();
    throw error;
  }
  return {
    url: `http://${LOOPBACK}:${readPort(server, settings.port)}`,
    close: async () => {
      const drained = closeServer(server);
      hub.close();
      await feed.close();
      await drained;
      await closeAll();
    },
  };
}

const refuseToRehearse: RehearsalWorld['rehearse'] = () =>
  Promise.reject(new LabError('REHEARSAL_FAILED', { message: 'This API has no simulators.' }));

function startLoops({
  db,
  temporal,
  settings,
  logger,
}: Pick<ApiWorld, 'settings' | 'logger'> & { db: Database; temporal: TemporalClient }) {
  return {
    sequencer: hostSequencer({ databaseUrl: requireDatabaseUrl(settings), logger }),
    starter: startStarterLoop({ db, temporal, logger, now }),
    signaller: startFreedSignaller({ db, temporal, logger }),
    reconciler: startReconciler({ db, temporal, logger, now }),
    histories: startHistoryComparison({ db, temporal, logger, now }),
    teller: startOutsideTeller({ db, temporal, logger, now }),
    reminder: startRemindLoop({ db, defaults: settings, logger, now }),
    counts: startCountLoop({ db, logger }),
    silence: startSilenceLoop({ db, silentAfterMs: settings.silentAfterMs, logger, now }),
  };
}

/** The port that was given where any free one was asked for. */
function readPort(server: Server, asked: number): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : asked;
}

function listenOnLoopback(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === 'EADDRINUSE';
      reject(
        isTaken
          ? new LabError('BAD_SETTING', {
              message: `Port ${port} is taken.`,
              field: 'PRAXIS_PORT',
              remedy: 'End the program that uses it, or set PRAXIS_PORT to a free port.',
              cause: error,
            })
          : error,
      );
    });
    server.listen(port, LOOPBACK, resolve);
  });
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  // A connection that falls idle only now would be kept alive and hold the close up.
  const look = setInterval(() => server.closeIdleConnections(), DRAIN_LOOK_MS);
  const timer = setTimeout(() => server.closeAllConnections(), DRAIN_TIMEOUT_MS);
  await closed;
  clearInterval(look);
  clearTimeout(timer);
}

function readVersion(): string {
  const text = readFileSync(path.join(findProjectRoot(), 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
