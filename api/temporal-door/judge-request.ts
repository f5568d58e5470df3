// Who may pass the door to Temporal's Web UI: a person's own browser, with the session that the printed address gives, asking
// by the door's name and from the door's own pages. No other page, however it came to a name for this machine.

import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export interface DoorRules {
  /** As browsers write them, name and port. */
  readonly hosts: ReadonlySet<string>;
  readonly cookieName: string;
  readonly key: string;
}

/** `pass` goes on to the Web UI; `enter` gives the session and leads on to the path without the key. */
export type Judgement =
  | { readonly kind: 'pass' }
  | { readonly kind: 'enter'; readonly location: string }
  | { readonly kind: 'refuse'; readonly status: number; readonly sentence: string };

const READS: ReadonlySet<string> = new Set(['GET', 'HEAD']);
const KEY_PARAMETER = 'key';

export function toDoorRules(port: number, key: string): DoorRules {
  // Cookies know no ports: another server of this machine would overwrite one of a common name.
  return { hosts: new Set([`127.0.0.1:${port}`, `localhost:${port}`]), cookieName: `praxis_temporal_${port}`, key };
}

export function judgeRequest(rules: DoorRules, request: IncomingMessage): Judgement {
  const { host = '' } = request.headers;
  const path = request.url ?? '';
  // A name that was made to lead here is still another name.
  if (!rules.hosts.has(host) || countHosts(request) !== 1) return refuse(421, 'This address is not served here.');
  if (!path.startsWith('/') || path.startsWith('//')) return refuse(400, 'Only a path is asked for here.');
  const url = parsePath(path, host);
  if (url === null) return refuse(400, 'This is no path.');
  const isRead = READS.has(request.method ?? '');
  if (isForeign(request, { isRead, isApi: url.pathname.startsWith('/api/') })) return refuse(403, 'Another page may not ask here.');
  const given = url.searchParams.get(KEY_PARAMETER);
  if (request.method === 'GET' && given !== null && isSame(given, rules.key)) {
    url.searchParams.delete(KEY_PARAMETER);
    return { kind: 'enter', location: `${url.pathname}${url.search}` };
  }
  if (!isSame(readCookie(request, rules.cookieName), toSession(rules)))
    return refuse(401, 'Open the Web UI by the address that npm start prints; praxis doctor shows it too.');
  // The Web UI sends its changes as text/plain, so the type says nothing; a browser always names the page that sends.
  if (!isRead && request.headers.origin === undefined) return refuse(403, 'A change is sent by the Web UI itself.');
  return { kind: 'pass' };
}

/** Of the key, which the browser need not keep itself. */
export function toSession({ key }: DoorRules): string {
  return createHash('sha256').update(`session of ${key}`).digest('hex');
}

/** A link of another page may open the Web UI, which begins with nothing but reads; that page may not call, embed or post. */
function isForeign({ headers, method }: IncomingMessage, { isRead, isApi }: { isRead: boolean; isApi: boolean }): boolean {
  const { host = '', origin, 'sec-fetch-site': site, 'sec-fetch-mode': mode, 'sec-fetch-dest': destination } = headers;
  if (origin !== undefined && origin !== `http://${host}`) return true;
  if (site === undefined || site === 'same-origin' || site === 'none') return false;
  return !(isRead && method === 'GET' && mode === 'navigate' && destination === 'document' && !isApi);
}

/** What reads requests lets paths through that are no address. */
function parsePath(path: string, host: string): URL | null {
  try {
    return new URL(path, `http://${host}`);
  } catch {
    return null;
  }
}

function countHosts({ rawHeaders }: IncomingMessage): number {
  return rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host').length;
}

function readCookie({ headers }: IncomingMessage, name: string): string {
  const parts = (headers.cookie ?? '').split(';').map((part) => part.trim());
  return parts.find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
}

/** By hashes of one length, so that the time it takes tells nothing of the key. */
function isSame(given: string, wanted: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(given), hash(wanted));
}

function refuse(status: number, sentence: string): Judgement {
  return { kind: 'refuse', status, sentence };
}
