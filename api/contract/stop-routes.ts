// Routes of a person who wants something to stop: what one machine does, or everything in a workcell.

import * as request from './request.js';
import * as assetResource from './asset-resource.js';
import * as workcellResource from './workcell-resource.js';
import type { RouteContract } from './route-contract.js';

export const STOP_ROUTES = {
  abortMachine: {
    method: 'post',
    path: '/machines/{name}/abort',
    isControl: true,
    summary: 'Stop what a machine does at this moment, where its driver can; its run gets COMMAND_STOPPED',
    group: 'stop',
    params: request.machineParams,
    query: request.noQuery,
    body: request.abortRequest,
    response: assetResource.machine,
    statuses: { 200: 'The machine, whose command is being stopped.' },
  },
  showStop: {
    method: 'get',
    path: '/workcells/{workcell}/stop-all',
    summary: 'Whether everything in a workcell is stopped, by whom and why',
    group: 'stop',
    params: request.workcellParams,
    query: request.noQuery,
    response: workcellResource.workcellStop,
    statuses: { 200: 'What its bridge said last.' },
  },
  stopAll: {
    method: 'post',
    path: '/workcells/{workcell}/stop-all',
    isControl: true,
    summary: 'Begin nothing any more in a workcell, cleanups included, until a person releases it. Not an emergency stop',
    group: 'stop',
    params: request.workcellParams,
    query: request.noQuery,
    body: request.stopRequest,
    response: workcellResource.workcellStop,
    statuses: { 200: 'Stopped: no command begins any more.' },
  },
  releaseStop: {
    method: 'post',
    path: '/workcells/{workcell}/stop-all/release',
    isControl: true,
    summary: 'Lift a stop of everything; runs go on where nothing else holds them',
    group: 'stop',
    params: request.workcellParams,
    query: request.noQuery,
    body: request.stopReleaseRequest,
    response: workcellResource.workcellStop,
    statuses: { 200: 'Released.' },
  },
  showJournal: {
    method: 'get',
    path: '/workcells/{workcell}/journal',
    summary: 'Which journal a workcell works with, and whether it is lost',
    group: 'stop',
    params: request.workcellParams,
    query: request.noQuery,
    response: workcellResource.workcellJournal,
    statuses: { 200: 'As its worker found it last.' },
  },
  acceptJournal: {
    method: 'post',
    path: '/workcells/{workcell}/journal/accept',
    isControl: true,
    summary: 'A person has looked at the machines: the bridge moves again with the journal that it has',
    group: 'stop',
    params: request.workcellParams,
    query: request.noQuery,
    body: request.acceptJournalRequest,
    response: workcellResource.workcellJournal,
    statuses: { 200: 'Accepted: what was asked for before the loss and may have been sent is in doubt.' },
  },
} as const satisfies Record<string, RouteContract>;
