// Routes of the inbox: what waits for a person, and the answer.

import { inboxItem } from './inbox-resource.js';
import * as request from './inbox-request.js';
import { pageOf, type RouteContract } from '../route.js';
import { noQuery } from '../values.js';

export const INBOX_ROUTES = {
  listInbox: {
    method: 'get',
    path: '/inbox',
    needs: 'viewer',
    bucket: 'read',
    summary: 'Questions and uncertain commands that wait for a person, the oldest first',
    group: 'inbox',
    query: request.inboxQuery,
    response: pageOf(inboxItem),
    statuses: { 200: 'A page of items.' },
  },
  getInboxItem: {
    method: 'get',
    path: '/inbox/{id}',
    needs: 'viewer',
    bucket: 'read',
    summary: 'One item; its id holds slashes and travels as one path segment, each slash as %2F',
    group: 'inbox',
    params: request.itemParams,
    query: noQuery,
    response: inboxItem,
    statuses: { 200: 'The item.' },
  },
  answerInboxItem: {
    method: 'post',
    path: '/inbox/{id}/answer',
    needs: 'operator',
    bucket: 'control',
    summary: 'Answer an item; the first answer counts, another one is refused with who was first and when',
    group: 'inbox',
    params: request.itemParams,
    query: noQuery,
    body: request.answerRequest,
    response: inboxItem,
    statuses: { 200: 'The run has the answer.' },
  },
} as const satisfies Record<string, RouteContract>;
