#!/usr/bin/env node
// Starts the built command-line client, or says how to build it.
import { existsSync } from 'node:fs';

const built = new URL('../dist/cli/praxis.js', import.meta.url);
if (existsSync(built)) {
  await import(built.href);
} else {
  console.error('error NOT_BUILT: praxis is not built yet. Remedy: run npm start, or npm run build, in the project folder.');
  process.exitCode = 2;
}
