// HTTP requests with Node's plain client: fetch() would take longer to load than everything else of the command.

import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

export interface Sending {
  readonly method: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Ends the request, with the signal's reason as the cause of the error. */
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

export function sendRequest(target: URL, { method, headers, body, signal }: Sending): Promise<Answer> {
  const request = target.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const sent = request(target, { method, headers, signal }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.once('error', reject);
      response.once('end', () => {
        resolve({ status: response.statusCode ?? 0, text });
      });
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

export interface OpenStream {
  readonly status: number;
  /** Pieces of text as they come; ends with the connection. */
  readonly chunks: AsyncIterable<string>;
}

/** A request whose answer stays open. It fails when nothing came for the idle time. */
export function openStream(
  target: URL,
  given: { headers: Readonly<Record<string, string>>; idleTimeoutMs: number; signal: AbortSignal },
): Promise<OpenStream> {
  const request = target.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const sent = request(target, { headers: given.headers, signal: given.signal }, (response) => {
      response.setEncoding('utf8');
      resolve({ status: response.statusCode ?? 0, chunks: response as AsyncIterable<string> });
    });
    sent.setTimeout(given.idleTimeoutMs, () => sent.destroy(Object.assign(new Error('nothing came for too long'), { code: 'ETIMEDOUT' })));
    sent.once('error', reject);
    sent.end();
  });
}
