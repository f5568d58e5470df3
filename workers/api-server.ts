// Process: the HTTP API with its starter loop and reconciler, and the door to the Temporal Web UI.

import { serveApi } from '../api/serve-api.js';
import { serveTemporalDoor } from '../api/temporal-door/serve-temporal-door.js';
import { announceReady } from '../platform/announce-ready.js';
import { createLogger } from '../platform/logging.js';
import { onLifelineClosed } from '../platform/process-lifeline.js';
import type { OpenPorts } from '../platform/ports/ports.js';
import { readSettings } from '../platform/settings.js';
import { readDoorKey, readWebUiPlace } from '../platform/temporal-door.js';
import type { Database } from '../db/connection/connect-database.js';
import { createRehearsals } from '../rehearsal/start-rehearsal.js';
import { createPorts } from '../ports/create-ports.js';

const settings = readSettings();
const logger = createLogger('api', settings.logLevel);
const openPorts = (stores: { db: Database; databaseUrl: string }): OpenPorts =>
  createPorts({ ...stores, redisUrl: settings.redisUrl, logger });
const server = await serveApi({ settings, logger, openPorts, rehearse: createRehearsals() });
const key = settings.hasTemporalDoor ? readDoorKey(settings.home) : null;
const door =
  key === null
    ? null
    : await serveTemporalDoor({ port: settings.temporalUiPort, key, findWebUi: () => readWebUiPlace(settings.home), logger });
onLifelineClosed((end) => {
  logger.info({ end }, 'stopping');
  void Promise.all([server.close(), door?.close()]).then(() => process.exit(0));
});
announceReady('api', { url: server.url, listens: true });
