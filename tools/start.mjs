// npm start: brings packages and build up to date, then runs the lab in this very process, so that
// Ctrl-C reaches it as it would reach any program. Needs nothing but Node.

import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ensurePackages, requireNode } from './ensure-packages.mjs';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

requireNode();
if (!ensurePackages(ROOT)) process.exit(1);
const { buildIfStale } = await import('./build.mjs');
if (!buildIfStale({ quiet: process.argv.includes('--json') })) process.exit(1);
await import(pathToFileURL(path.join(ROOT, 'dist', 'local', 'lab.js')).href);
