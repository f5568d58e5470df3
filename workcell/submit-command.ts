// Submits a command, or many at once, to the bridge and stays to the end: a lost connection is opened again and the
// same ids attach to what runs or fetch its outcome. Nothing is ever sent twice, by the ids.

import { LabError } from '../domain/errors/error.js';
import type { CommandOutcome, CommandRequest } from '../domain/wire/wire.js';
import { stayWith, type Attention } from './attention.js';
import type { BridgeClient } from './bridge-client.js';

type Bridge = Pick<BridgeClient, 'request'>;

/** Throws BRIDGE_UNREACHABLE, the bridge's refusals (STALE_FENCE, …), and COMMAND_STOPPED where it was stopped before it began. */
export async function submitCommand(bridge: Bridge, request: CommandRequest, attention: Attention): Promise<CommandOutcome> {
  return await stayWith(attention, async (isAgain) => {
    const asked = asAskedFor(request, isAgain);
    // Who asks for a command begins it: after a stop only one that the bridge knows may be asked for.
    if (attention.stop.aborted && !(await isKnown(bridge, asked))) throw toNotBegun(request);
    return await withStop(bridge, { id: request.id, stop: attention.stop }, bridge.request('command.run', asked));
  });
}

export interface BlockOutcome {
  /** One for each command that was begun, in order. */
  readonly outcomes: readonly CommandOutcome[];
  /** The run was held between two commands. */
  readonly isHeld: boolean;
}

/** One after the other up to the first that does not complete. Throws only where nothing is known of any. */
export async function submitBlock(bridge: Bridge, commands: readonly CommandRequest[], attention: Attention): Promise<BlockOutcome> {
  const [first] = commands;
  if (first === undefined) return { outcomes: [], isHeld: false };
  return await stayWith(attention, async (isAgain) => {
    const asked = commands.map((command) => asAskedFor(command, isAgain));
    if (attention.stop.aborted) return { outcomes: await collectBegun(bridge, asked, attention), isHeld: false };
    // Any id of a block stands for all of it.
    return await withStop(bridge, { id: first.id, stop: attention.stop }, bridge.request('block.run', { commands: asked }));
  });
}

/** What a block had begun when it was stopped while its bridge was away; sending it again would begin the rest. */
async function collectBegun(bridge: Bridge, commands: readonly CommandRequest[], attention: Attention): Promise<CommandOutcome[]> {
  const outcomes: CommandOutcome[] = [];
  for (const command of commands) {
    if (!(await isKnown(bridge, command))) break;
    const outcome = await submitCommand(bridge, command, attention);
    outcomes.push(outcome);
    if (outcome.status !== 'completed') break;
  }
  if (outcomes.length === 0 && commands[0] !== undefined) throw toNotBegun(commands[0]);
  return outcomes;
}

/** Whoever asks again says so: the first asking may have been sent under a journal that was lost since. */
export function asAskedFor(request: CommandRequest, isAgain: boolean): CommandRequest {
  return isAgain ? { ...request, isAgain } : request;
}

async function isKnown(bridge: Bridge, { id, machine, fence, askedAtMs, isAgain }: CommandRequest): Promise<boolean> {
  const { phase } = await bridge.request('command.status', {
    id,
    machine,
    fence,
    ...(askedAtMs !== undefined && { askedAtMs }),
    ...(isAgain === true && { isAgain }),
  });
  return phase !== 'never-seen';
}

/** Waits for the work, and asks for its stop once somebody wishes it. */
async function withStop<T>(bridge: Bridge, { id, stop }: { id: string; stop: AbortSignal }, work: Promise<T>): Promise<T> {
  const ask = (): void => {
    // Whether or not it can be stopped, the outcome tells; a lost connection is noticed by the work itself.
    bridge.request('command.stop', { id }).catch(() => undefined);
  };
  if (stop.aborted) ask();
  else stop.addEventListener('abort', ask, { once: true });
  try {
    return await work;
  } finally {
    stop.removeEventListener('abort', ask);
  }
}

function toNotBegun({ machine, method }: CommandRequest): LabError {
  return new LabError('COMMAND_STOPPED', { message: `${machine}.${method} was stopped before it began.` });
}
