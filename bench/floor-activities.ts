// Activities of the floor: one that only marks its time, one that makes a PyLabRobot call in a Python process, and one
// that lasts until it is cancelled and then says so on a socket, as a driver would stop its instrument.

import { connect } from 'node:net';
import { CancelledFailure, Context } from '@temporalio/activity';
import type { FloorPython } from './floor-python.js';

/** As often as ours. */
const HEARTBEAT_INTERVAL_MS = 100;

export interface FloorActivities {
  readonly markBegin: () => Promise<number>;
  readonly callPylabrobot: (method: string, given: unknown) => Promise<null>;
  /** A line at its beginning and one when it is stopped. */
  readonly holdMotion: (socketPath: string) => Promise<void>;
}

export function createFloorActivities(python: FloorPython | undefined): FloorActivities {
  return {
    markBegin: () => Promise.resolve(Date.now()),
    callPylabrobot: async (method, given) => {
      if (python === undefined) throw new Error('This worker of the floor was started without Python.');
      await python.call(method, given);
      return null;
    },
    holdMotion: async (socketPath) => {
      const context = Context.current();
      const instrument = connect(socketPath);
      const timer = setInterval(() => {
        context.heartbeat();
      }, HEARTBEAT_INTERVAL_MS);
      instrument.write('began\n');
      try {
        await context.cancelled;
      } catch (error) {
        if (!(error instanceof CancelledFailure)) throw error;
        instrument.end('stopped\n');
      } finally {
        clearInterval(timer);
      }
    },
  };
}
