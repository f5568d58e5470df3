// A machine that its bridge holds until somebody has looked: the run waits for that person, who gives the machine free
// or lets the command fail. The command has not begun, so it is sent again under the same id.

import { describeCommand } from '../../domain/catalogue/describe-command.js';
import { LabError } from '../../domain/errors/error.js';
import type { Engine } from '../execution/engine.js';
import { Rearm } from '../replay/operation.js';
import { toRequest, type PlacedCommand } from './submit-command.js';

export interface Look {
  readonly retry: number;
  /** Counts the times that somebody had to look before this command, from 1. */
  readonly n: number;
  /** Why, as the bridge says it. */
  readonly known: string;
  /** Asked by an earlier execution. */
  readonly isOpen: boolean;
}

/** Resolves once the machine was given free. Throws MACHINE_HELD where the person does not, and Rearm when the workflow continues as new. */
export async function waitForLook(engine: Engine, command: PlacedCommand, look: Look): Promise<void> {
  const { runId } = engine.input;
  const { machine, method, given, callPath } = command;
  const commandId = toRequest(engine, command, look.retry).id;
  const itemId = `${commandId}/look${look.n}`;
  const wanted = describeCommand(machine.name, method, given);
  const subject = {
    kind: 'held-machine',
    text: `${look.known} Next would be ${wanted}. Yes gives ${machine.name} free and the run goes on with it; no lets it fail.`,
    commandId,
    machine: machine.name,
    known: look.known,
  } as const;
  const holder = { reason: 'asset', holder: itemId } as const;
  await engine.control.hold({ ...holder, isHeld: true });
  try {
    const { answer, by } = await engine.inbox.ask({
      itemId,
      callPath,
      subject,
      isOpen: look.isOpen,
      accept: (answered) => engine.activities.endLook({ runId, machine: machine.name, given: answered }),
    });
    await engine.control.hold({ ...holder, isHeld: false });
    if (answer !== true) throw new LabError('MACHINE_HELD', { message: `${look.known} ${by} looked and did not give it free.` });
  } catch (error) {
    if (!(error instanceof Rearm)) await engine.control.hold({ ...holder, isHeld: false });
    throw error;
  }
}
