// Whether what is shown is of now.

import { useLive } from '../live/use-live.js';

export function LiveSign() {
  const { isLive } = useLive();
  return (
    <span className={isLive ? 'live' : 'live off'}>
      <i />
      {isLive ? 'Live' : 'Not live'}
    </span>
  );
}
