// Ends one execution of a workflow and begins the next: when nothing stands against it, and with all that it has to know.
// Whether anything does is looked at again after every wait, and between the last look and the end there is none.

import { allHandlersFinished, condition, makeContinueAsNewFunc, workflowInfo } from '@temporalio/workflow';
import type { Json } from '../../domain/json/json.js';
import { toChildWorkflowId } from './call-child.js';
import type { Carried, Engine, WorkflowInput } from '../execution/engine.js';
import { cutIntoPortions, type LedgerPortion } from '../replay/ledger-portions.js';

/** Resolves when the workflow may continue as new; look again before it does. */
export function waitUntilDue(engine: Engine): Promise<void> {
  return condition(() => isDue(engine));
}

/** False where something has come in between, or had to be sent before: to be asked again. Else it throws ContinueAsNew. */
export async function continueAsNew(engine: Engine): Promise<false> {
  const { callLog } = engine;
  if (!isDue(engine)) return false;
  callLog.recall();
  const { carried: entries } = callLog;
  if (entries === undefined) {
    await callLog.flush();
    return false;
  }
  return beginNext(engine, { ...collectCarried(engine), entries });
}

/** Nothing is half done that the next execution would know nothing of. */
function isDue({ gate, windows, control, callLog }: Engine): boolean {
  return gate.isReadyToContinue() && windows.isSettled() && control.isSettled() && callLog.isSettled() && allHandlersFinished();
}

function collectCarried({ input, gate, control, callLog, inbox, windows, children, sections, cleanupFailures }: Engine): Carried {
  const open = gate.leave();
  const moving = control.moving.list();
  return {
    v: 1,
    ledger: gate.ledger.list(),
    open,
    ...(moving.length > 0 && { moving }),
    childEnds: children.listEnds(new Set(Object.keys(open).map((id) => toChildWorkflowId(input.runId, id)))),
    control: control.carried,
    items: inbox.carried,
    windows: windows.carried,
    cleanupFailures: [...cleanupFailures],
    doubts: sections.doubts,
    ...(gate.startedAtMs !== undefined && { startedAtMs: gate.startedAtMs }),
    logLastN: callLog.lastN,
    generation: (input.carried?.generation ?? 0) + 1,
  };
}

function beginNext({ input, fence }: Engine, carried: Carried): Promise<never> {
  // The ledger of the run that is continued is in ours from now on.
  const { continues, ...rest } = input;
  const { closed, open } = cutIntoPortions(carried.ledger);
  const next: WorkflowInput = {
    ...rest,
    ...(continues && { continues: { ...continues, ledger: [] } }),
    fence,
    carried: { ...carried, ledger: open },
  };
  return makeContinueAsNewFunc<(input: WorkflowInput, ...portions: LedgerPortion[]) => Promise<Json>>({
    workflowType: workflowInfo().workflowType,
  })(next, ...closed);
}
