// The bus port: hints between processes that something is there to be looked at. At most once by contract: a hint may
// be lost, so whoever waits for one also looks by itself from time to time, and reads the truth from Postgres.

/** `undefined` where hints may have been missed, and once when the subscription begins: look at everything. */
export type HintHandler = (payload: string | undefined) => void;

export interface Bus {
  publish(channel: string, payload: string): Promise<void>;
  /** Returns how to end it. */
  subscribe(channel: string, handle: HintHandler): () => void;
}

/** A hint names what changed and never carries it. Postgres allows 8,000 bytes with the channel. */
export const HINT_LIMIT_BYTES = 4_000;

/** Something new is in the event history. */
export const EVENTS_CHANNEL = 'events';

/** Channel and payload as they travel; one line each. */
export function writeHint(channel: string, payload: string): string {
  return `${channel}\n${payload}`;
}

export interface HintDesk {
  readonly subscribe: Bus['subscribe'];
  /** Hands out a hint as it travelled. */
  readonly deliver: (hint: string) => void;
  /** Tells every subscriber that hints may have been missed. */
  readonly deliverGap: () => void;
}

/** Who has subscribed to what in this process; one connection serves them all. */
export function createHintDesk(onHandlerError: (error: unknown) => void): HintDesk {
  const handlers = new Set<{ readonly channel: string; readonly handle: HintHandler }>();
  const call = (handle: HintHandler, payload: string | undefined): void => {
    try {
      handle(payload);
    } catch (error) {
      // One subscriber's fault must not keep the hint from the others.
      onHandlerError(error);
    }
  };
  return {
    subscribe(channel, handle) {
      const entry = { channel, handle };
      handlers.add(entry);
      return () => {
        handlers.delete(entry);
      };
    },
    deliver(hint) {
      const end = hint.indexOf('\n');
      const channel = hint.slice(0, end);
      for (const entry of [...handlers]) if (entry.channel === channel) call(entry.handle, hint.slice(end + 1));
    },
    deliverGap() {
      for (const entry of [...handlers]) call(entry.handle, undefined);
    },
  };
}
