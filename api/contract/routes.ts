// Every route of the API as data: method, path, what goes in, what comes out. The handlers, the OpenAPI document,
// the documentation page and the clients all follow from this table.

import { z } from 'zod';
import * as request from './request.js';
import * as resource from './resource.js';

export const API_PREFIX = '/api/v1';

export interface RouteContract {
  readonly method: 'get' | 'post';
  /** Below the prefix, with `{name}` for path parameters. */
  readonly path: string;
  readonly summary: string;
  readonly group: string;
  readonly params?: z.ZodObject;
  readonly query: z.ZodObject;
  readonly headers?: z.ZodObject;
  readonly body?: z.ZodObject;
  readonly response: z.ZodType;
  /** Success statuses and what each means. */
  readonly statuses: Readonly<Record<number, string>>;
}

export const ROUTES = {
  getHealth: {
    method: 'get',
    path: '/health',
    summary: 'Whether the API can serve',
    group: 'health',
    query: request.noQuery,
    response: resource.health,
    statuses: { 200: 'The API and its database answer.' },
  },
  listProtocols: {
    method: 'get',
    path: '/protocols',
    summary: 'Published protocols',
    group: 'protocols',
    query: request.listQuery,
    response: pageOf(resource.protocol),
    statuses: { 200: 'A page of protocols.' },
  },
  getProtocol: {
    method: 'get',
    path: '/protocols/{name}',
    summary: 'One protocol, the newest version unless one is named',
    group: 'protocols',
    params: request.protocolParams,
    query: request.protocolQuery,
    response: resource.protocol,
    statuses: { 200: 'The protocol.' },
  },
  startRun: {
    method: 'post',
    path: '/runs',
    summary: 'Start a run',
    group: 'runs',
    query: request.noQuery,
    headers: request.startHeaders,
    body: request.startRequest,
    response: resource.run,
    statuses: { 201: 'The run was created.', 200: 'The run of an earlier request with this Idempotency-Key.' },
  },
  listRuns: {
    method: 'get',
    path: '/runs',
    summary: 'Runs, the newest first',
    group: 'runs',
    query: request.runsQuery,
    response: pageOf(resource.run),
    statuses: { 200: 'A page of runs.' },
  },
  getRun: {
    method: 'get',
    path: '/runs/{id}',
    summary: 'One run',
    group: 'runs',
    params: request.runParams,
    query: request.noQuery,
    response: resource.run,
    statuses: { 200: 'The run.' },
  },
  getCalls: {
    method: 'get',
    path: '/runs/{id}/calls',
    summary: 'Call tree of a run, or null before its first call',
    group: 'runs',
    params: request.runParams,
    query: request.noQuery,
    response: resource.call.nullable(),
    statuses: { 200: 'The root call with everything below it.' },
  },
  listCommands: {
    method: 'get',
    path: '/runs/{id}/commands',
    summary: 'Commands of a run in the order in which they began',
    group: 'runs',
    params: request.runParams,
    query: request.listQuery,
    response: pageOf(resource.command),
    statuses: { 200: 'A page of commands.' },
  },
  listEvents: {
    method: 'get',
    path: '/runs/{id}/events',
    summary: 'Events of a run after a position; waits for the first one if asked to',
    group: 'runs',
    params: request.runParams,
    query: request.eventsQuery,
    response: pageOf(resource.event),
    statuses: { 200: 'Events in order; empty where none came in time.' },
  },
  cancelRun: {
    method: 'post',
    path: '/runs/{id}/cancel',
    summary: 'Cancel a run: its running command ends, its cleanups run, then its assets are free',
    group: 'runs',
    params: request.runParams,
    query: request.noQuery,
    body: request.cancelRequest,
    response: resource.run,
    statuses: { 202: 'The run is being cancelled.' },
  },
  listMachines: {
    method: 'get',
    path: '/machines',
    summary: 'Machines and who holds them',
    group: 'assets',
    query: request.noQuery,
    response: pageOf(resource.machine),
    statuses: { 200: 'All machines.' },
  },
  releaseMachine: {
    method: 'post',
    path: '/machines/{name}/release',
    summary: 'Give a quarantined machine free after looking at it',
    group: 'assets',
    params: request.machineParams,
    query: request.noQuery,
    body: request.releaseRequest,
    response: resource.machine,
    statuses: { 200: 'The machine, free for runs.' },
  },
  listLabware: {
    method: 'get',
    path: '/labware',
    summary: 'Labware items and who holds them',
    group: 'assets',
    query: request.noQuery,
    response: pageOf(resource.labware),
    statuses: { 200: 'All labware items.' },
  },
  replaceLabware: {
    method: 'post',
    path: '/labware/{name}/replace',
    summary: 'Tell that a fresh item stands in the place of a used one',
    group: 'assets',
    params: request.labwareParams,
    query: request.noQuery,
    response: resource.labware,
    statuses: { 200: 'The item, fresh.' },
  },
  listReservations: {
    method: 'get',
    path: '/reservations',
    summary: 'What is held by which run',
    group: 'assets',
    query: request.noQuery,
    response: pageOf(resource.reservation),
    statuses: { 200: 'All reservations.' },
  },
} as const satisfies Record<string, RouteContract>;

function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: z.string().optional() });
}
