// What is kept of the error of a command while a person is asked about it; also from one execution to the next.

import { isJsonObject, type Json, type JsonObject } from '../../domain/json/json.js';

export interface KnownFailure {
  readonly code: string;
  readonly message: string;
  readonly details?: JsonObject;
}

export function readKnownFailure(carried: Json | undefined): KnownFailure | undefined {
  if (!isJsonObject(carried)) return undefined;
  const { code, message, details } = carried;
  if (typeof code !== 'string' || typeof message !== 'string') return undefined;
  return { code, message, ...(isJsonObject(details) && { details }) };
}
