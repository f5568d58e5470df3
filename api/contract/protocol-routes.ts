// Routes of health and of published protocols.

import * as request from './request.js';
import * as resource from './resource.js';
import * as protocolResource from './protocol-resource.js';
import { rehearsalReport } from './rehearsal-resource.js';
import { callStatistics } from './statistics-resource.js';
import { pageOf, type RouteContract } from './route-contract.js';

export const PROTOCOL_ROUTES = {
  getHealth: {
    method: 'get',
    path: '/health',
    needs: 'viewer',
    bucket: 'read',
    summary: 'Whether the API can serve',
    group: 'health',
    query: request.noQuery,
    response: resource.health,
    statuses: { 200: 'The API and its database answer.' },
  },
  listProtocols: {
    method: 'get',
    path: '/protocols',
    needs: 'viewer',
    bucket: 'read',
    summary: 'Published protocols',
    group: 'protocols',
    query: request.listQuery,
    response: pageOf(protocolResource.protocol),
    statuses: { 200: 'A page of protocols.' },
  },
  getProtocol: {
    method: 'get',
    path: '/protocols/{name}',
    needs: 'viewer',
    bucket: 'read',
    summary: 'One protocol, the newest version unless one is named',
    group: 'protocols',
    params: request.protocolParams,
    query: request.protocolQuery,
    response: protocolResource.protocol,
    statuses: { 200: 'The protocol.' },
  },
  getProtocolStatistics: {
    method: 'get',
    path: '/protocols/{name}/statistics',
    needs: 'viewer',
    bucket: 'read',
    summary: 'How each version of a protocol was called, the one called last first; nested protocols too',
    group: 'protocols',
    params: request.protocolParams,
    query: request.noQuery,
    response: pageOf(callStatistics),
    statuses: { 200: 'All versions that were ever called.' },
  },
  rehearseProtocol: {
    method: 'post',
    path: '/protocols/{name}/rehearsals',
    needs: 'viewer',
    bucket: 'write',
    summary: 'What a run would do and need, and where it would fail: executed on simulators, without touching the lab',
    group: 'protocols',
    params: request.protocolParams,
    query: request.noQuery,
    body: request.rehearsalRequest,
    response: rehearsalReport,
    statuses: { 200: 'The report; isOk says whether a run would complete.' },
  },
} as const satisfies Record<string, RouteContract>;
