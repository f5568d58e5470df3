// Refuses a start whose ports are taken, before anything runs, in one sentence that names the port.

import { createServer } from 'node:net';
import { LabError } from '../domain/errors/error.js';

export interface WantedPort {
  readonly port: number;
  /** For whom, as the sentence says it: `the API`. */
  readonly purpose: string;
}

export async function requireFreePorts(wanted: readonly WantedPort[]): Promise<void> {
  for (const { port, purpose } of wanted) {
    if (await isPortFree(port)) continue;
    throw new LabError('PORT_BUSY', {
      message: `Port ${port}, wanted for ${purpose}, is in use by another program.`,
      remedy: `Stop that program, or choose other ports: PRAXIS_PORT=${port + 1000} npm start`,
    });
  }
}

export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else if (error.code === 'EACCES') reject(new LabError('PORT_BUSY', { message: `Port ${port} may not be used by this user.` }));
      else reject(error);
    });
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
