// The route of rehearsals.

import { rehearsalRequest } from './rehearsal-request.js';
import { rehearsalReport } from './rehearsal-resource.js';
import { protocolParams } from '../protocols/protocol-request.js';
import type { RouteContract } from '../route.js';
import { noQuery, PARAMETERS_BODY_LIMIT_BYTES } from '../values.js';

export const REHEARSAL_ROUTES = {
  rehearseProtocol: {
    method: 'post',
    path: '/protocols/{name}/rehearsals',
    needs: 'viewer',
    bucket: 'write',
    summary: 'What a run would do and need, and where it would fail: executed on simulators, without touching the lab',
    group: 'protocols',
    params: protocolParams,
    query: noQuery,
    body: rehearsalRequest,
    bodyLimitBytes: PARAMETERS_BODY_LIMIT_BYTES,
    takesFiles: true,
    response: rehearsalReport,
    statuses: { 200: 'The report; isOk says whether a run would complete.' },
  },
} as const satisfies Record<string, RouteContract>;
