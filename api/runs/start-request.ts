// Checks of a start before anything is written: the protocol, then every parameter. Assets are checked by the
// transaction that binds them, because only there their state holds still.

import { createHash } from 'node:crypto';
import { RefusedRequest } from '../http/problem.js';
import { requireTopLevelProtocol } from '../protocols/protocol-routes.js';
import type { StartRequest } from '../../contract/http/runs/run-request.js';
import type { Database } from '../../db/connection/connect-database.js';
import { toCanonicalJson, type JsonObject } from '../../domain/json/json.js';
import { readParameters } from '../../domain/protocols/read-parameters.js';
import { requireSize } from '../../domain/values/byte-size.js';
import type { PublishedProtocol } from '../../domain/protocols/protocol.js';

export async function requireStartable(
  db: Database,
  request: Pick<StartRequest, 'protocol' | 'version' | 'parameters' | 'files'>,
): Promise<{ definition: PublishedProtocol; parameters: JsonObject }> {
  const definition = await requireTopLevelProtocol(db, request.protocol, request.version);
  const { values, problems } = readParameters(definition.parameters, request.parameters, request.files);
  const [first, ...others] = problems;
  if (first) throw new RefusedRequest([first, ...others]);
  requireSize(values, 'the parameters of a run', {
    remedy: 'Hand over less: the rows that this run needs, in several runs where there are more.',
  });
  return { definition, parameters: values };
}

/** Equal for equal requests, whatever the order of their keys: what an Idempotency-Key is compared by. */
export function hashStartRequest({ protocol, version, parameters, assets, priority, timeScale }: StartRequest): string {
  return createHash('sha256')
    .update(toCanonicalJson({ protocol, version: version ?? null, parameters, assets, priority, timeScale }))
    .digest('hex');
}
