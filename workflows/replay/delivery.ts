// The delivery loop: lets author code do all that it can, looks at what it has asked for, and only then hands over the next
// completion. While author code is led back to where it was, completions come from the ledger; then from the world.

import { CancellationScope } from '@temporalio/workflow';
import { toThrown } from '../../domain/values/thrown.js';
import { drainMicrotasks } from './drain-microtasks.js';
import { outsideCalls } from './scope.js';
import { readWorkflowTimeMs } from './workflow-clock.js';

export interface Delivery {
  /** A completion of the world; delivered when its turn comes, with the time at which it arrived. */
  arrive(deliver: (atMs: number) => void): void;
  /** Author code has asked for something, or is about to be led back: the loop looks once no code can run any more. */
  wake(): void;
  isIdle(): boolean;
  /** Rejects when serving failed: author code took another way than the ledger says. Nothing is delivered after that. */
  readonly broken: Promise<never>;
}

export interface DeliveryWorld {
  /** Author code has stopped: takes what it has asked for meanwhile. */
  readonly take: () => void;
  /** Author code is being led back; `serveNext` hands over the next completion of the ledger. */
  readonly isServing: () => boolean;
  readonly serveNext: () => void;
  /** Author code is where it is until something arrives. */
  readonly rest: () => void;
}

export function createDelivery({ take, isServing, serveNext, rest }: DeliveryWorld): Delivery {
  const arrivals: (() => void)[] = [];
  // A cancelled scope would refuse the wait inside, and completions must arrive all the same.
  const shield = new CancellationScope({ cancellable: false });
  let isDelivering = false;
  let breakOff: (error: Error) => void = () => undefined;
  const broken = new Promise<never>((_resolve, reject) => {
    breakOff = reject;
  });
  broken.catch(() => undefined);

  const deliverAll = async (): Promise<void> => {
    try {
      for (;;) {
        await drainMicrotasks();
        take();
        if (isServing()) {
          serveNext();
          continue;
        }
        const next = arrivals.shift();
        if (!next) break;
        next();
      }
      isDelivering = false;
      // What has begun just now may take along what waits.
      await drainMicrotasks();
      if (!isDelivering) rest();
    } catch (error) {
      // Still delivering, for ever: nothing may go on from here.
      breakOff(toThrown(error));
    }
  };
  const wake = (): void => {
    if (isDelivering) return;
    isDelivering = true;
    // Whoever woke it, what it does belongs to no call.
    void outsideCalls(() => shield.run(deliverAll));
  };

  return {
    broken,
    wake,
    arrive: (deliver) => {
      const atMs = readWorkflowTimeMs();
      arrivals.push(() => {
        deliver(atMs);
      });
      wake();
    },
    isIdle: () => arrivals.length === 0 && !isDelivering,
  };
}
