// A client of the Temporal of a lab, in the namespace of its runs. Whoever opens it closes its connection.

import { Client, Connection } from '@temporalio/client';
import type { Lab } from './start-lab.js';

export async function connectTemporal(lab: Lab): Promise<Client> {
  const connection = await Connection.connect({ address: (await lab.record()).temporalAddress });
  return new Client({ connection, namespace: 'praxis' });
}
