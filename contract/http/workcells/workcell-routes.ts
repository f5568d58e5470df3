// Routes of a workcell as a whole: whether everything in it is stopped, and its journal.

import * as request from './workcell-request.js';
import * as workcellResource from './workcell-resource.js';
import type { RouteContract } from '../route.js';
import { noQuery } from '../values.js';

export const WORKCELL_ROUTES = {
  showStop: {
    method: 'get',
    path: '/workcells/{workcell}/stop-all',
    needs: 'viewer',
    bucket: 'read',
    summary: 'Whether everything in a workcell is stopped, by whom and why',
    group: 'stop',
    params: request.workcellParams,
    query: noQuery,
    response: workcellResource.workcellStop,
    statuses: { 200: 'What its bridge said last.' },
  },
  stopAll: {
    method: 'post',
    path: '/workcells/{workcell}/stop-all',
    needs: 'operator',
    bucket: 'control',
    summary: 'Begin nothing any more in a workcell, cleanups included, until a person releases it. Not an emergency stop',
    group: 'stop',
    params: request.workcellParams,
    query: noQuery,
    body: request.stopRequest,
    response: workcellResource.workcellStop,
    statuses: { 200: 'Stopped: no command begins any more.' },
  },
  releaseStop: {
    method: 'post',
    path: '/workcells/{workcell}/stop-all/release',
    needs: 'operator',
    bucket: 'control',
    summary: 'Lift a stop of everything; runs go on where nothing else holds them',
    group: 'stop',
    params: request.workcellParams,
    query: noQuery,
    body: request.stopReleaseRequest,
    response: workcellResource.workcellStop,
    statuses: { 200: 'Released.' },
  },
  showJournal: {
    method: 'get',
    path: '/workcells/{workcell}/journal',
    needs: 'viewer',
    bucket: 'read',
    summary: 'Which journal a workcell works with, and whether it is lost',
    group: 'stop',
    params: request.workcellParams,
    query: noQuery,
    response: workcellResource.workcellJournal,
    statuses: { 200: 'As its worker found it last.' },
  },
  acceptJournal: {
    method: 'post',
    path: '/workcells/{workcell}/journal/accept',
    needs: 'operator',
    bucket: 'control',
    summary: 'A person has looked at the machines: the bridge moves again with the journal that it has',
    group: 'stop',
    params: request.workcellParams,
    query: noQuery,
    body: request.acceptJournalRequest,
    response: workcellResource.workcellJournal,
    statuses: { 200: 'Accepted: what was asked for before the loss and may have been sent is in doubt.' },
  },
} as const satisfies Record<string, RouteContract>;
