// Events of the lab, one stream a browser and not a tab: a browser opens six connections to one address at most. The tab that holds the
// lock reads the stream and tells the others; when it is closed, the next one takes over where that one was.

import { API_PREFIX } from '../../contract/words/api.js';
import { EVENT_TYPES } from '../../contract/words/history.js';
import type { AnswerOf } from '../../contract/client/operation.js';

export type LabEvent = AnswerOf<'listEvents'>['items'][number];

export interface FeedListener {
  readonly onEvent: (event: LabEvent) => void;
  /** Whether what is shown is known to be of now. */
  readonly onLive: (isLive: boolean) => void;
  /** Events may have been missed: everything is read again. */
  readonly onGap: () => void;
}

const LOCK = 'praxis-live';
const CHANNEL = 'praxis-live';

type Message = { readonly event: LabEvent } | { readonly isLive: boolean } | { readonly hello: true };

/** Hears the feed until the page is closed. */
export function hearFeed({ onEvent, onLive, onGap }: FeedListener): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.addEventListener('message', ({ data }: MessageEvent<Message>) => {
    if ('event' in data) onEvent(data.event);
    else if ('isLive' in data) onLive(data.isLive);
  });
  channel.postMessage({ hello: true } satisfies Message);
  void navigator.locks.request(LOCK, () => {
    // What came between the last leader's end and now is known to nobody.
    onGap();
    return readStream({
      onEvent: (event) => {
        onEvent(event);
        channel.postMessage({ event } satisfies Message);
      },
      onLive: (isLive) => {
        onLive(isLive);
        channel.postMessage({ isLive } satisfies Message);
      },
      hears: channel,
    });
  });
}

interface Reading extends Pick<FeedListener, 'onEvent' | 'onLive'> {
  readonly hears: BroadcastChannel;
}

/** Never ends: the lock is kept as long as this tab lives. */
function readStream({ onEvent, onLive, hears }: Reading): Promise<never> {
  const source = new EventSource(`${API_PREFIX}/live`);
  let isLive = false;
  const tell = (now: boolean): void => {
    isLive = now;
    onLive(now);
  };
  source.addEventListener('open', () => tell(true));
  // The browser connects again by itself, and resumes after the last event that it has seen.
  source.addEventListener('error', () => tell(false));
  for (const type of EVENT_TYPES) source.addEventListener(type, ({ data }: MessageEvent<string>) => onEvent(JSON.parse(data) as LabEvent));
  hears.addEventListener('message', ({ data }: MessageEvent<Message>) => {
    if ('hello' in data) tell(isLive);
  });
  return new Promise(() => undefined);
}
