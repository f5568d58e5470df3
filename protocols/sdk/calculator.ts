// Executes calculations, protocol functions that need neither machines nor a run, outside of any run. A bundle exports one
// over its own functions; arguments and results pass as JSON text, because caller and bundle live in different contexts.

import { LabError } from '../../domain/errors/error.js';
import type { Json, JsonObject } from '../../domain/json/json.js';
import { cutText, toThrown } from '../../domain/values/thrown.js';
import type { AnyProtocolFunction } from './protocol-function.js';
import type { Run } from './run.js';
import { installRuntime, type CallWorld } from './runtime.js';

/** What came of a calculation. */
export type Calculated = { readonly result: Json } | { readonly error: { readonly code: string; readonly message: string } };

/** Takes the parameters as JSON text, answers a Calculated as JSON text, throws nothing. */
export type Calculator = (protocol: string, parametersText: string) => Promise<string>;

export function createCalculator(functions: readonly AnyProtocolFunction[]): Calculator {
  const byName = new Map(functions.map((each) => [each.definition.name, each] as const));
  return async (protocol, parametersText) => {
    // Functions that a calculation calls are part of it: nobody tracks them.
    installRuntime({ call: (request, body) => body(createWorld(request.definition.name)) });
    return JSON.stringify(await calculate(byName.get(protocol), protocol, JSON.parse(parametersText) as JsonObject));
  };
}

async function calculate(found: AnyProtocolFunction | undefined, protocol: string, parameters: JsonObject): Promise<Calculated> {
  try {
    if (!found)
      throw new LabError('NO_WORKER', {
        message: `This worker holds no protocol ${protocol}: a protocol function that others call must be exported from its file.`,
      });
    return { result: await found.execute(createWorld(protocol), parameters, {}) };
  } catch (thrown) {
    const error = toThrown(thrown);
    if (error instanceof LabError) return { error: { code: error.code, message: cutText(error.message) } };
    return { error: { code: 'PROTOCOL_ERROR', message: cutText(`${error.name}: ${error.message}`) } };
  }
}

function createWorld(protocol: string): CallWorld {
  const refuse = (what: string): never => {
    throw new LabError('PROTOCOL_ERROR', {
      message: `${protocol} is executed as a calculation, which has no ${what}.`,
      remedy: `Call it with kind 'inline' or 'child', or hand it what it needs as parameters.`,
    });
  };
  const run = new Proxy({}, { get: (_target, member) => refuse(`run.${String(member)}`) }) as Run;
  return { run, sender: (machine) => refuse(`machine ${machine.name}`) };
}
