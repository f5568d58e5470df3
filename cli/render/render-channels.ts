// What the channels of a command did, where some did it and some did not, in one line: `channel 0 done; channel 1 TIP_MISSING: no tip`.

import { isJsonObject, type Json } from '../../domain/json/json.js';

/** Undefined where the error tells of no channels. A run's error has them among its details, a command's beside its code. */
export function renderChannels({
  channels,
  details,
}: {
  readonly channels?: Json | undefined;
  readonly details?: Json | undefined;
}): string | undefined {
  const given = channels ?? (details !== undefined && isJsonObject(details) ? details['channels'] : undefined);
  if (given === undefined || !isJsonObject(given)) return undefined;
  return Object.entries(given)
    .map(([channel, said]) => `channel ${channel} ${describeSaid(said)}`)
    .join('; ');
}

function describeSaid(said: Json): string {
  const { done, code, message } = isJsonObject(said) ? said : {};
  if (done === true) return 'done';
  const why = [code, message].flatMap((each) => (typeof each === 'string' && each !== '' ? [each] : [])).join(': ');
  return why === '' ? 'not done' : `not done, ${why}`;
}
