// A TCP proxy in front of one service: it can cut every connection, hold them half open (alive, and nothing passes), or
// pass everything late. It stands on a port of its own for as long as the lab lives.

import net from 'node:net';

export interface Proxy {
  readonly port: number;
  /** Destroys every connection; returns how many there were. New ones are taken. */
  cut(): number;
  /** Nothing passes in either direction until `heal`; returns how many connections that is true of. */
  hold(): number;
  /** Everything passes so much later. */
  delay(ms: number): number;
  heal(): void;
  close(): Promise<void>;
}

interface Pair {
  readonly inner: net.Socket;
  readonly outer: net.Socket;
}

function cutPair({ inner, outer }: Pair): void {
  inner.destroy();
  outer.destroy();
}

/** Where the service is; asked at each connection, because it moves when it is started again. */
export type Target = () => { readonly port: number } | { readonly path: string };

export async function startProxy(target: Target): Promise<Proxy> {
  const pairs = new Set<Pair>();
  const held: (() => void)[] = [];
  let isHolding = false;
  let delayMs = 0;

  const pass = (chunk: Buffer, to: net.Socket): void => {
    const write = (): void => {
      if (!to.destroyed) to.write(chunk);
    };
    if (isHolding) held.push(write);
    else if (delayMs > 0) setTimeout(write, delayMs);
    else write();
  };
  const server = net.createServer((outer) => {
    const inner = net.connect(target());
    const pair = { inner, outer };
    pairs.add(pair);
    const end = (): void => {
      pairs.delete(pair);
      cutPair(pair);
    };
    outer.on('data', (chunk: Buffer) => {
      pass(chunk, inner);
    });
    inner.on('data', (chunk: Buffer) => {
      pass(chunk, outer);
    });
    for (const socket of [inner, outer]) {
      // An error of one side is the end of both, which is what the other side is to see.
      socket.on('error', end);
      socket.on('close', end);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  return {
    port,
    cut: () => {
      const count = pairs.size;
      for (const pair of pairs) cutPair(pair);
      return count;
    },
    hold: () => {
      isHolding = true;
      return pairs.size;
    },
    delay: (ms) => {
      delayMs = ms;
      return pairs.size;
    },
    heal: () => {
      isHolding = false;
      delayMs = 0;
      for (const write of held.splice(0)) write();
    },
    close: async () => {
      for (const pair of pairs) cutPair(pair);
      await new Promise<void>((resolve) =>
        server.close(() => {
          resolve();
        }),
      );
    },
  };
}
