// Keeps web pages of other sites away from a lab on loopback: a foreign Host means a rebound DNS name, a foreign
// Origin on a write means a page that posts behind its reader's back.

import type { RequestHandler } from 'express';
import { LabError } from '../../domain/errors/error.js';

const LOOPBACK_NAMES = new Set(['127.0.0.1', 'localhost', '[::1]']);

export function refuseForeignRequests(): RequestHandler {
  return (request, _response, next) => {
    const { host, origin } = request.headers;
    if (host === undefined || !isLoopbackHost(host)) {
      throw new LabError('FOREIGN_ORIGIN', {
        message: `The Host header names ${host ?? 'nothing'}, not this machine.`,
        field: 'headers.host',
      });
    }
    const isWrite = request.method !== 'GET' && request.method !== 'HEAD';
    const isForeignPage = origin !== undefined && origin !== `http://${host}`;
    if (isWrite && (isForeignPage || request.headers['sec-fetch-site'] === 'cross-site')) {
      throw new LabError('FOREIGN_ORIGIN', {
        message: `A page of ${origin ?? 'another site'} may not write here.`,
        field: 'headers.origin',
      });
    }
    next();
  };
}

function isLoopbackHost(host: string): boolean {
  return LOOPBACK_NAMES.has(host.replace(/:\d+$/u, '').toLowerCase());
}
