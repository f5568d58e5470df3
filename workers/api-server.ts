// Process: the HTTP API with its starter loop and reconciler.

import { serveApi } from '../api/serve-api.js';
import { announceReady } from '../platform/announce-ready.js';
import { createLogger } from '../platform/logging.js';
import { onLifelineClosed } from '../platform/process-lifeline.js';
import type { OpenPorts } from '../platform/ports/ports.js';
import { readSettings } from '../platform/settings.js';
import type { Database } from '../db/connect-database.js';
import { createRehearsals } from './start-rehearsal.js';
import { createPorts } from './create-ports.js';

const settings = readSettings();
const logger = createLogger('api', settings.logLevel);
const openPorts = (stores: { db: Database; databaseUrl: string }): OpenPorts => createPorts({ ...stores, redisUrl: settings.redisUrl, logger });
const server = await serveApi({ settings, logger, openPorts, rehearse: createRehearsals() });
onLifelineClosed((end) => {
  logger.info({ end }, 'stopping');
  void server.close().then(() => process.exit(0));
});
announceReady('api', { url: server.url });
