// A link to a bridge that a test can cut: forwards TCP connections to the port of a bridge and to the one after it, and ends
// or refuses them when told.

import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { findFreePorts } from '../../local/free-ports.js';

const LOOPBACK = '127.0.0.1';
/** Of the wire, and of stopping. */
const PORTS = 2;

export interface Link {
  readonly port: number;
  /** How many connections the cuts have ended. */
  readonly cutConnections: number;
  /** Ends every connection; new ones are let through. */
  cut(): void;
  /** Ends every connection and each new one at once. */
  takeDown(): void;
  bringUp(): void;
  close(): void;
}

export async function openCuttableLink(bridgePort: number): Promise<Link> {
  const port = await findFreePorts(PORTS);
  const open = new Set<Socket>();
  let isDown = false;
  let cutConnections = 0;
  const cut = (): void => {
    cutConnections += open.size;
    for (const socket of open) socket.destroy();
  };
  const servers = await Promise.all(
    Array.from({ length: PORTS }, (_, offset) =>
      listen(port + offset, (near) => {
        if (isDown) {
          near.destroy();
          return;
        }
        const far = createConnection(bridgePort + offset, LOOPBACK);
        open.add(near);
        near.once('close', () => {
          open.delete(near);
          far.destroy();
        });
        far.once('close', () => near.destroy());
        for (const socket of [near, far]) socket.on('error', () => undefined);
        near.pipe(far).pipe(near);
      }),
    ),
  );
  return {
    port,
    get cutConnections() {
      return cutConnections;
    },
    cut,
    takeDown: () => {
      isDown = true;
      cut();
    },
    bringUp: () => {
      isDown = false;
    },
    close: () => {
      cut();
      for (const server of servers) server.close();
    },
  };
}

function listen(port: number, accept: (socket: Socket) => void): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(accept).once('error', reject);
    server.listen(port, LOOPBACK, () => {
      resolve(server);
    });
  });
}
