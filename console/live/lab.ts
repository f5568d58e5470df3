// The lab as this browser reads it: one client, one cache that only the feed makes old.

import { QueryClient } from '@tanstack/react-query';
import { createClient } from '../../contract/client/client.js';

/** The page is served by the API itself. */
export const lab = createClient({ url: '' });

/** What is asked again by itself, where an answer did not come. */
const RETRIES = 2;

export function createCache(): QueryClient {
  return new QueryClient({
    defaultOptions: { queries: { staleTime: Infinity, retry: RETRIES, refetchOnWindowFocus: false, networkMode: 'always' } },
  });
}
