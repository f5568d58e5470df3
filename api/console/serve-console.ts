// The console in the browser: its built files, and its page at every address of it, so that an address can be opened and kept. It may run its
// own scripts alone and speak with this lab alone.

import { existsSync } from 'node:fs';
import path from 'node:path';
import express, { type Express, type Response } from 'express';
import { API_PREFIX } from '../../contract/words/api.js';
import { LabError } from '../../domain/errors/error.js';

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  // The widgets write their sizes into the page.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');
/** Files of a build carry a hash in their names and never change. */
const FILES_MAX_AGE_MS = 365 * 86_400_000;

export function serveConsole(app: Express, folder: string): void {
  const page = path.join(folder, 'index.html');
  const setPolicy = (response: Response): void => void response.set('Content-Security-Policy', POLICY);
  app.use(
    '/assets',
    express.static(path.join(folder, 'assets'), { immutable: true, maxAge: FILES_MAX_AGE_MS, index: false, setHeaders: setPolicy }),
  );
  app.use((request, response, next) => {
    const isPage =
      request.method === 'GET' && request.headers.accept?.includes('text/html') === true && !request.path.startsWith(API_PREFIX);
    if (!isPage) {
      next();
      return;
    }
    if (!existsSync(page))
      throw new LabError('ROUTE_NOT_FOUND', {
        message: 'The console is not built.',
        remedy: 'Run npm run build, and open the page again.',
      });
    setPolicy(response);
    // A new build is found at the next look.
    response.set('Cache-Control', 'no-cache').sendFile(page);
  });
}
