// Process: the floor of a stop. Each POST is one line on an open socket to the device simulator, and is answered when that is.
// Usage: node dist/bench/floor-stop.js <socket of the device simulator> <device>

import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { announceReady } from '../platform/announce-ready.js';

const [socketPath = '', device = ''] = process.argv.slice(2);
const socket = connect(socketPath);
await once(socket, 'connect');
const lines = createInterface({ input: socket });
let lastId = 0;
const server = createServer((_request, response) => {
  lines.once('line', (line) => {
    response.writeHead(200, { 'content-type': 'application/json', connection: 'close' });
    response.end(line);
  });
  socket.write(`${JSON.stringify({ id: ++lastId, device, kind: 'pump', op: 'halt', args: {} })}\n`);
});
server.listen(0, '127.0.0.1', () => {
  announceReady('floor-stop', { port: (server.address() as AddressInfo).port });
});
process.stdin.once('end', () => {
  process.exit(0);
});
process.stdin.resume();
