// `praxis inbox`: what waits for a person, and with --all what was answered.

import { EXIT_OK } from '../terminal/exit.js';
import { findRun } from '../client/find-run.js';
import { renderItem } from '../render/render-item.js';
import type { JsonOption, World } from '../client/world.js';
import type { InboxItem } from '../../domain/inbox/inbox.js';

export interface InboxOptions extends JsonOption {
  readonly run?: string;
  readonly all?: boolean;
}

export async function showInbox({ api, terminal, printJson }: World, options: InboxOptions): Promise<number> {
  const runId = options.run === undefined ? undefined : (await findRun(api, options.run)).id;
  const items = await api.readAll('listInbox', { query: { runId, status: options.all === true ? undefined : 'open' } });
  if (options.json === true) printJson({ items });
  else if (items.length === 0) terminal.line('Nothing waits for a person.');
  else
    for (const line of [...items.filter(isAlarm), ...items.filter((item) => !isAlarm(item))].flatMap((item) => renderItem(item, terminal)))
      terminal.line(line);
  return EXIT_OK;
}

function isAlarm({ subject }: InboxItem): boolean {
  return subject.kind === 'alarm';
}
