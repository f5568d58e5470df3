// The bus in Redis: all hints of a lab on one channel, since they are few and every process wants most of them.

import type { Redis } from './connect-redis.js';
import { createHintDesk, HINT_LIMIT_BYTES, writeHint, type Bus } from '../ports/bus.js';
import { requirePortName } from '../ports/ports.js';
import { invariant } from '../../domain/errors/error.js';

const REDIS_CHANNEL = 'px:bus';

export function createRedisBus(redis: Redis, onHandlerError: (error: unknown) => void): Bus {
  const desk = createHintDesk(onHandlerError);
  let isListening = false;
  return {
    publish(channel, payload) {
      invariant(Buffer.byteLength(payload) <= HINT_LIMIT_BYTES, `a hint on ${channel} names what changed and does not carry it`);
      return redis.send(['PUBLISH', REDIS_CHANNEL, writeHint(requirePortName(channel), payload)]).then(() => undefined);
    },
    subscribe(channel, handle) {
      const end = desk.subscribe(requirePortName(channel), handle);
      if (!isListening) redis.listen(REDIS_CHANNEL, { onHint: desk.deliver, onGap: desk.deliverGap });
      isListening = true;
      return end;
    },
  };
}
