// Routes of published protocols.

import { protocolParams, protocolQuery } from './protocol-request.js';
import { protocol, sourceReport } from './protocol-resource.js';
import { callStatistics } from './statistics-resource.js';
import { pageOf, type RouteContract } from '../route.js';
import { listQuery, noQuery } from '../values.js';

export const PROTOCOL_ROUTES = {
  listProtocols: {
    method: 'get',
    path: '/protocols',
    needs: 'viewer',
    bucket: 'read',
    summary: 'Published protocols',
    group: 'protocols',
    query: listQuery,
    response: pageOf(protocol),
    statuses: { 200: 'A page of protocols.' },
  },
  getProtocol: {
    method: 'get',
    path: '/protocols/{name}',
    needs: 'viewer',
    bucket: 'read',
    summary: 'One protocol, the newest version unless one is named',
    group: 'protocols',
    params: protocolParams,
    query: protocolQuery,
    response: protocol,
    statuses: { 200: 'The protocol.' },
  },
  getProtocolStatistics: {
    method: 'get',
    path: '/protocols/{name}/statistics',
    needs: 'viewer',
    bucket: 'read',
    summary: 'How each version of a protocol was called, the one called last first; nested protocols too',
    group: 'protocols',
    params: protocolParams,
    query: noQuery,
    response: pageOf(callStatistics),
    statuses: { 200: 'All versions that were ever called.' },
  },
  listSourceReports: {
    method: 'get',
    path: '/source-reports',
    needs: 'viewer',
    bucket: 'read',
    summary: 'Mistakes in the files of protocols: what was left out when they were read last, and what is perhaps not meant',
    group: 'protocols',
    query: noQuery,
    response: pageOf(sourceReport),
    statuses: { 200: 'All that is told of the sources.' },
  },
} as const satisfies Record<string, RouteContract>;
