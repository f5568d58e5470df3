// Routes of what a lab has: machines, labware, reservations.

import * as request from './request.js';
import * as resource from './resource.js';
import { pageOf, type RouteContract } from './route-contract.js';

export const ASSET_ROUTES = {
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
  connectMachine: {
    method: 'post',
    path: '/machines/{name}/connect',
    summary: 'Connect a machine, which may move its axes; its known state is put back afterwards',
    group: 'assets',
    params: request.machineParams,
    query: request.noQuery,
    body: request.connectRequest,
    response: resource.machine,
    statuses: { 200: 'The machine, connected.' },
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
  placeLabware: {
    method: 'post',
    path: '/labware/{name}/place',
    summary: 'Tell where an item stands that a person has put somewhere',
    group: 'assets',
    params: request.labwareParams,
    query: request.noQuery,
    body: request.placeRequest,
    response: resource.labware,
    statuses: { 200: 'The item, where it stands now.' },
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
