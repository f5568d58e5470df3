// Process: the HTTP API with its starter loop and reconciler.

import { serveApi } from '../api/serve-api.js';
import { announceReady } from '../platform/announce-ready.js';
import { createLogger } from '../platform/logging.js';
import { onLifelineClosed } from '../platform/process-lifeline.js';
import { readSettings } from '../platform/settings.js';

const settings = readSettings();
const logger = createLogger('api', settings.logLevel);
const server = await serveApi({ settings, logger });
onLifelineClosed((end) => {
  logger.info({ end }, 'stopping');
  void server.close().then(() => process.exit(0));
});
announceReady('api', { url: server.url });
