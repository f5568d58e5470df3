// Process: executes the commands of one workcell through its bridge, ships the bridge's journal, and ends
// runs. It may die at any time; the bridge goes on and the next worker attaches.

import { Client } from '@temporalio/client';
import { NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createControlActivities } from '../activities/control-activities.js';
import { createCommandActivities } from '../activities/execute-command.js';
import { startJournalShipper } from '../activities/journal-shipper.js';
import { HEARTBEAT_INTERVAL_MS } from '../activities/run-as-activity.js';
import { closeDatabase, connectDatabase } from '../db/connection/connect-database.js';
import { toStopPlace } from '../domain/workcells/bridge-place.js';
import { toCommandQueue, toControlQueue } from '../domain/values/ids.js';
import { announceReady } from '../platform/announce-ready.js';
import { openBlobStore } from '../platform/blob-store.js';
import { toDataConverter } from '../platform/large-payloads.js';
import { createLogger } from '../platform/logging.js';
import { EVENTS_CHANNEL } from '../platform/ports/bus.js';
import { readSettings, requireDatabaseUrl } from '../platform/settings.js';
import { BridgeClient } from '../workcell/bridge-client.js';
import { compactJournal } from '../station/compact-journal.js';
import { createCancelWorkflow } from '../station/cancel-workflow.js';
import { createPorts } from '../ports/create-ports.js';
import { createLostRunFence } from '../station/fence-lost-runs.js';
import { refreshConsumables } from '../station/refresh-consumables.js';
import { runWorkers } from '../platform/temporal/run-workers.js';
import { createSignalHold } from '../station/signal-hold.js';
import { createJournalKeeper } from '../station/journal-keeper.js';
import { listenForStops } from '../station/stop-listener.js';
import { takeRequests } from '../station/requests/take-requests.js';
import { tellLostJournal } from '../station/tell-lost-journal.js';
import { tellStoppedRuns } from '../station/tell-stopped-runs.js';
import { createTemporalLogger } from '../platform/temporal/temporal-logger.js';
import { watchCommands } from '../station/watch-commands.js';

/** The bridge goes on with a command whose worker stops, and the next worker attaches: there is nothing to wait for. */
const COMMANDS_SHUTDOWN_GRACE_MS = 0;
/** A transaction that is under way may end; what waits for something else is given up and done by the next worker. */
const CONTROL_SHUTDOWN_GRACE_MS = 1_000;
/** The bridge takes 256 requests on one connection, and lets as many commands wait for one machine; others share the connection. */
const COMMANDS_AT_ONCE_MAX = 160;

const settings = readSettings();
const logger = createLogger('workcell-worker', settings.logLevel);
Runtime.install({ logger: createTemporalLogger(logger) });

const { workcell, temporalNamespace: namespace } = settings;
// Before everything that may be away: whoever wants to stop all is heard as early as can be.
const stopSocket = toStopPlace(settings.bridge);
const stopBridge = new BridgeClient(stopSocket);
let onStopChange = (): void => undefined;
const stopListener = await listenForStops({
  home: settings.home,
  workcell,
  socket: stopSocket,
  bridge: stopBridge,
  logger,
  onChange: () => {
    onStopChange();
  },
});
const db = connectDatabase({ url: requireDatabaseUrl(settings), applicationName: `workcell-${workcell}`, poolMax: 4 });
const fence = createLostRunFence({ db, workcell, logger });
const keeper = createJournalKeeper({ db, workcell, logger, now: Date.now, fence });
const commandBridge = new BridgeClient(settings.bridge, (link) => keeper.greet(link));
// Journal reading has its own connection: a batch of rows must not stand in front of a command's answer.
const journalBridge = new BridgeClient(settings.bridge);

// The first greeting: without the workcell in the bridge there is nothing to work on. It tells of what was ended while no worker was
// here: a command of that may be the first to come.
await commandBridge.request('hello', {});

const ports = createPorts({ db, databaseUrl: requireDatabaseUrl(settings), redisUrl: settings.redisUrl, logger });
const shipper = startJournalShipper({
  db,
  bridge: journalBridge,
  logger,
  greet: () => keeper.greet(journalBridge),
  onShipped: (bridgeId, newest) => {
    keeper.noteShipped(bridgeId, newest);
    void ports.bus.publish(EVENTS_CHANNEL, workcell);
  },
});
const hearing = { url: requireDatabaseUrl(settings), db, bridge: commandBridge, workcell, logger };
const listeners = [
  takeRequests({ ...hearing, stopBridge, journalBridge, keeper, shipper, onStopChange: () => onStopChange() }),
  tellLostJournal({ ...hearing, keeper }),
  compactJournal(hearing),
  refreshConsumables({ ...hearing, fence }),
  watchCommands({ ...hearing, slowMarginMs: settings.slowMarginMs }),
];
const connection = await NativeConnection.connect({ address: settings.temporalAddress });
const dataConverter = toDataConverter(openBlobStore(settings.blobFolder));
const client = new Client({ connection, namespace, dataConverter });
const cancelWorkflow = createCancelWorkflow(client);
const teller = tellStoppedRuns({ db, bridge: stopBridge, workcell, logger, signalHold: createSignalHold(client) });
onStopChange = () => {
  teller.poke();
};
const commands = await Worker.create({
  connection,
  namespace,
  dataConverter,
  taskQueue: toCommandQueue(workcell),
  activities: { ...createCommandActivities(commandBridge) },
  maxHeartbeatThrottleInterval: HEARTBEAT_INTERVAL_MS,
  defaultHeartbeatThrottleInterval: HEARTBEAT_INTERVAL_MS,
  maxConcurrentActivityTaskExecutions: COMMANDS_AT_ONCE_MAX,
  shutdownGraceTime: COMMANDS_SHUTDOWN_GRACE_MS,
});
const control = await Worker.create({
  connection,
  namespace,
  dataConverter,
  taskQueue: toControlQueue(workcell),
  activities: { ...createControlActivities({ db, bridge: commandBridge, shipper, workcell, logger, cancelWorkflow }) },
  maxHeartbeatThrottleInterval: HEARTBEAT_INTERVAL_MS,
  defaultHeartbeatThrottleInterval: HEARTBEAT_INTERVAL_MS,
  shutdownGraceTime: CONTROL_SHUTDOWN_GRACE_MS,
});

await runWorkers([commands, control], {
  logger,
  onReady: () => {
    announceReady('workcell-worker', { workcell, listens: true });
  },
  onEnd: async () => {
    await Promise.all(listeners.map((listener) => listener.close()));
    await shipper.stop();
    stopListener.close();
    fence.close();
    // A bridge that is silent must not hold up who waits for its answer.
    stopBridge.close();
    commandBridge.close();
    await teller.stop();
    await connection.close();
    await ports.close();
    await closeDatabase(db);
  },
});
