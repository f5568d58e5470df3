// Where the parts of a lab are found, as settings say it: database, Redis, the bridge and its socket.

import { createHash } from 'node:crypto';
import path from 'node:path';
import type { RemoteBridge } from '../domain/workcells/bridge-place.js';
import { LabError } from '../domain/errors/error.js';
import { HIGHEST_PORT, badSetting, readMatching, type Environment } from './read-setting.js';

/** macOS allows 104 bytes for a unix socket address and Linux 108, with an end mark each. */
export const SOCKET_PATH_LIMIT_BYTES = 103;
/** The value of REDIS_URL for a lab that is to do without. */
export const NO_REDIS = 'none';
/** A name, an IPv4 address, or an IPv6 address in brackets. */
const BRIDGE_ADDRESS_PATTERN = /^([^\s:/[\]]+|\[[0-9A-Fa-f:.]+\]):(\d{1,5})$/u;

export function readDatabaseUrl(env: Environment): string | null {
  const text = env['DATABASE_URL'];
  if (text === undefined || text === '') return null;
  if (/^postgres(?:ql)?:\/\//u.test(text) && URL.canParse(text)) return text;
  // The value may hold a password, so it is not repeated.
  throw new LabError('BAD_SETTING', { message: 'DATABASE_URL must be postgres://user@host/database.', field: 'DATABASE_URL' });
}

/** PRAXIS_REDIS_URL comes before REDIS_URL, which may belong to another program of the machine. */
export function readRedis(env: Environment): { readonly redisUrl: string | null; readonly mayStartRedis: boolean } {
  const name = env['PRAXIS_REDIS_URL'] ? 'PRAXIS_REDIS_URL' : 'REDIS_URL';
  const text = env[name];
  if (text === undefined || text === '') return { redisUrl: null, mayStartRedis: true };
  if (text === NO_REDIS) return { redisUrl: null, mayStartRedis: false };
  if (/^(?:rediss?|unix):\/\//u.test(text) && URL.canParse(text)) return { redisUrl: text, mayStartRedis: false };
  // The value may hold a password, so it is not repeated.
  throw new LabError('BAD_SETTING', {
    message: `${name} must be redis://host:port, rediss://host:port, unix:///path or ${NO_REDIS}.`,
    field: name,
  });
}

/** Null where the lab runs its own bridge. */
export function readRemoteBridge(env: Environment): RemoteBridge | null {
  const address = readMatching(env, 'PRAXIS_BRIDGE_ADDRESS', {
    pattern: BRIDGE_ADDRESS_PATTERN,
    wanted: 'host:port with a port from 1 to 65534',
  });
  if (address === undefined) return null;
  const [, host = '', port = ''] = BRIDGE_ADDRESS_PATTERN.exec(address) ?? [];
  if (Number(port) < 1 || Number(port) >= HIGHEST_PORT)
    throw badSetting('PRAXIS_BRIDGE_ADDRESS', address, 'host:port with a port from 1 to 65534');
  const tokenFile = env['PRAXIS_BRIDGE_TOKEN_FILE'];
  if (!tokenFile)
    throw new LabError('BAD_SETTING', {
      message: 'PRAXIS_BRIDGE_ADDRESS needs PRAXIS_BRIDGE_TOKEN_FILE.',
      field: 'PRAXIS_BRIDGE_TOKEN_FILE',
      remedy: 'Copy the token of the bridge into a file of your own (chmod 600) and name it.',
    });
  const certificateFile = env['PRAXIS_BRIDGE_CERTIFICATE'];
  return {
    host: host.replace(/^\[|\]$/gu, ''),
    port: Number(port),
    tokenFile: path.resolve(tokenFile),
    certificateFile: certificateFile ? path.resolve(certificateFile) : null,
  };
}

export function readBridgeSocket(env: Environment, home: string, workcell: string): string {
  const wanted = env['PRAXIS_BRIDGE_SOCKET'];
  if (wanted !== undefined && wanted !== '') {
    if (Buffer.byteLength(path.resolve(wanted)) <= SOCKET_PATH_LIMIT_BYTES) return path.resolve(wanted);
    throw badSetting('PRAXIS_BRIDGE_SOCKET', wanted, `a path of at most ${SOCKET_PATH_LIMIT_BYTES} bytes`);
  }
  return placeSocket(home, 'bridge', `${workcell}.sock`);
}

/** In the home, or in a short folder below /tmp where the home's path is too long for a socket. */
export function placeSocket(home: string, folder: string, name: string): string {
  const inHome = path.join(home, folder, name);
  if (Buffer.byteLength(inHome) <= SOCKET_PATH_LIMIT_BYTES) return inHome;
  const digest = createHash('sha256').update(home).digest('hex').slice(0, 12);
  return path.join('/tmp', `praxis-${process.getuid?.() ?? 0}-${digest}`, name);
}
