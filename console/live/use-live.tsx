// Keeps the cache as new as the lab: hears the feed, and has what events touch read again, in one batch four times a second at most.

import { useQueryClient } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useState, type ReactNode } from 'react';
import { listTouched, type QueryKey } from './apply-event.js';
import { hearFeed } from './feed.js';

const BATCH_MS = 250;

export interface Live {
  readonly isLive: boolean;
  /** Since when it is so, by the clock of this browser. */
  readonly sinceMs: number;
}

const LiveContext = createContext<Live>({ isLive: true, sinceMs: 0 });

export function useLive(): Live {
  return useContext(LiveContext);
}

export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const cache = useQueryClient();
  const [live, setLive] = useState<Live>({ isLive: true, sinceMs: Date.now() });
  useEffect(() => {
    const touched = new Map<string, QueryKey>();
    let timer: number | undefined;
    const flush = (): void => {
      timer = undefined;
      const keys = [...touched.values()];
      touched.clear();
      for (const queryKey of keys) void cache.invalidateQueries({ queryKey });
    };
    hearFeed({
      onEvent: (event) => {
        for (const key of listTouched(event)) touched.set(key.join(' '), key);
        timer ??= window.setTimeout(flush, BATCH_MS);
      },
      onLive: (isLive) => setLive((before) => (before.isLive === isLive ? before : { isLive, sinceMs: Date.now() })),
      onGap: () => void cache.invalidateQueries(),
    });
    return () => window.clearTimeout(timer);
  }, [cache]);
  return <LiveContext value={live}>{children}</LiveContext>;
}
