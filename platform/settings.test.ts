// Settings: defaults that need nothing, and bad values refused by name.

import { describe, expect, test } from '@jest/globals';
import path from 'node:path';
import { LabError } from '../domain/errors/error.js';
import { findHome } from './find-home.js';
import { findProjectRoot } from './paths.js';
import { readSettings, requireDatabaseUrl } from './settings.js';
import { SOCKET_PATH_LIMIT_BYTES } from './read-place.js';

describe('readSettings', () => {
  test('an empty environment gives the local lab', () => {
    const settings = readSettings({});
    expect(settings).toMatchObject({
      home: findHome({}, findProjectRoot()).folder,
      port: 7400,
      temporalAddress: '127.0.0.1:7401',
      isTemporalExternal: false,
      temporalUiPort: 7402,
      temporalNamespace: 'praxis',
      workcell: 'star',
      databaseUrl: null,
      redisUrl: null,
      mayStartRedis: true,
      ratePerS: 200,
      protocolFolders: [],
      logLevel: 'info',
    });
    expect(() => requireDatabaseUrl(settings)).toThrow('DATABASE_URL is not set');
  });

  test('values are taken from the environment', () => {
    const settings = readSettings({
      PRAXIS_HOME: '/lab',
      PRAXIS_PORT: '9000',
      TEMPORAL_ADDRESS: 'temporal.example:7233',
      DATABASE_URL: 'postgres://postgres@localhost/praxis?host=%2Fsock',
      PRAXIS_PROTOCOLS: ['/a', '/b'].join(path.delimiter),
      PRAXIS_WORKCELL: 'vantage',
    });
    expect(settings).toMatchObject({
      home: '/lab',
      temporalPort: 9001,
      temporalAddress: 'temporal.example:7233',
      isTemporalExternal: true,
    });
    expect(settings.protocolFolders).toEqual(['/a', '/b']);
    expect(settings.bridgeSocket).toBe('/lab/bridge/vantage.sock');
    expect(requireDatabaseUrl(settings)).toContain('host=%2Fsock');
  });

  test('a given Redis is taken, none is taken for none, and the own variable comes first', () => {
    expect(readSettings({ REDIS_URL: 'rediss://user:secret@redis.example:6380/2' })).toMatchObject({
      redisUrl: 'rediss://user:secret@redis.example:6380/2',
      mayStartRedis: false,
    });
    expect(readSettings({ REDIS_URL: 'none' })).toMatchObject({ redisUrl: null, mayStartRedis: false });
    expect(readSettings({ REDIS_URL: 'redis://a', PRAXIS_REDIS_URL: 'unix:///run/b.sock' })).toMatchObject({
      redisUrl: 'unix:///run/b.sock',
    });
  });

  test.each([
    ['PRAXIS_PORT', 'http'],
    ['PRAXIS_PORT', '65535'],
    ['PRAXIS_WORKCELL', '../star'],
    ['PRAXIS_RATE_PER_S', '-1'],
    ['PRAXIS_RATE_PER_S', 'many'],
    ['PRAXIS_LEAST_FREE_MIB', 'plenty'],
    ['TEMPORAL_ADDRESS', 'localhost'],
    ['PRAXIS_BRIDGE_ADDRESS', 'instrument-pc'],
    ['PRAXIS_BRIDGE_ADDRESS', 'instrument-pc:65535'],
    ['PRAXIS_LOG_LEVEL', 'loud'],
    ['DATABASE_URL', 'mysql://root:secret@localhost/praxis'],
    ['REDIS_URL', 'http://user:secret@localhost'],
    ['PRAXIS_REDIS_URL', 'yes'],
    ['PRAXIS_BRIDGE_SOCKET', `/${'x'.repeat(SOCKET_PATH_LIMIT_BYTES)}`],
  ])('%s=%s is refused by its name', (name, value) => {
    let thrown: unknown;
    try {
      readSettings({ [name]: value });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(LabError);
    expect(thrown).toMatchObject({ code: 'BAD_SETTING', field: name });
    expect((thrown as LabError).message).not.toContain('secret');
  });

  test('the socket of a home with a long path is short enough to bind', () => {
    const { bridgeSocket, redisSocket } = readSettings({ PRAXIS_HOME: `/${'long/'.repeat(40)}` });
    for (const socket of [bridgeSocket, redisSocket]) expect(Buffer.byteLength(socket)).toBeLessThanOrEqual(SOCKET_PATH_LIMIT_BYTES);
  });
});
