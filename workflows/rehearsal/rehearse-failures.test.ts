// What a run does with a command that fails and with a time window, its rehearsal does too: recovery policies, questions about
// failures, limits of windows and the moment in which one breaks.

import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, test } from '@jest/globals';
import type { Json } from '../../domain/json/json.js';
import type { RecoveryPolicy } from '../../domain/protocols/recovery.js';
import type { RehearsedRun } from '../../domain/rehearsal/rehearsal.js';
import { machine } from '../../protocols/sdk/machines.js';
import { protocolFunction } from '../../protocols/sdk/protocol-function.js';
import type { TimeWindowOptions } from '../../protocols/sdk/run.js';

// As the bundle's context has it.
Object.assign(globalThis, { AsyncLocalStorage });
const { createRehearser } = await import('./create-rehearser.js');

const SEALER = { id: 'a', name: 'sealer', kind: 'machine', type: 'Sealer' };

/** `outcomes`: how each sending of the command ends, in order; completed once they are used up. */
async function rehearse(
  recovery: RecoveryPolicy,
  outcomes: readonly { code: string; sends?: number }[],
  answers: readonly Json[] = [],
): Promise<RehearsedRun> {
  const inner = protocolFunction(
    { name: 'opened', version: '1.0.0', description: 'x', kind: 'inline', assets: { sealer: machine.sealer() } },
    async (_p, { sealer }) => {
      await sealer.open();
      return 'opened';
    },
  );
  const outer = protocolFunction(
    { name: 'sealed', version: '1.0.0', description: 'x', isTopLevel: true, recovery, assets: { sealer: machine.sealer() } },
    (_p, { sealer }) => inner({}, { sealer }),
  );
  const left = [...outcomes];
  const send = (): Promise<string> => {
    const failed = left.shift();
    const error = failed && { code: failed.code, message: 'jammed' };
    return Promise.resolve(
      JSON.stringify({
        status: failed ? 'failed' : 'completed',
        result: null,
        error: error ?? null,
        beganAtMs: 1,
        endedAtMs: 2,
        sends: failed?.sends ?? 1,
      }),
    );
  };
  return execute([{ inner, outer }], { protocol: 'sealed', assets: { sealer: SEALER }, answers, send });
}

async function execute(
  modules: Record<string, unknown>[],
  {
    protocol,
    assets = {},
    answers = [],
    send = () => Promise.resolve('null'),
  }: { protocol: string; assets?: object; answers?: readonly Json[]; send?: () => Promise<string> },
): Promise<RehearsedRun> {
  const envelope = {
    v: 2,
    runId: 'r',
    protocol,
    version: '1.0.0',
    mode: 'simulation',
    user: 'u',
    workcell: 'w',
    parameters: {},
    assets,
    fence: null,
  };
  const settle = (): Promise<void> =>
    new Promise((resolve) => {
      setImmediate(resolve);
    });
  return JSON.parse(await createRehearser(modules)(JSON.stringify({ envelope, answers, startMs: 0 }), { send, settle })) as RehearsedRun;
}

describe('a command that fails, in a call of a protocol with a policy', () => {
  test('fails without one', async () => {
    expect(await rehearse({}, [{ code: 'MACHINE_ERROR' }])).toMatchObject({ failure: { code: 'MACHINE_ERROR' } });
  });

  test('counts as done, with the result that the policy names', async () => {
    expect(await rehearse({ MACHINE_ERROR: 'done' }, [{ code: 'MACHINE_ERROR' }])).toMatchObject({ failure: null, result: 'opened' });
    expect(await rehearse({ '*': { then: 'done', result: 7 } }, [{ code: 'TIP_MISSING' }])).toMatchObject({ failure: null });
  });

  test('is sent again as often as the policy says, under ids of its own', async () => {
    const twice = await rehearse({ MACHINE_ERROR: { then: 'retry', times: 2 } }, [{ code: 'MACHINE_ERROR' }, { code: 'MACHINE_ERROR' }]);
    expect(twice).toMatchObject({ failure: null, result: 'opened' });
    expect(twice.commands.map(({ id, status }) => [id, status])).toEqual(
      [0, 1, 2].map((retry) => [`r/sealed/opened.1/1/${retry}`, retry < 2 ? 'failed' : 'completed']),
    );
    const thrice = await rehearse({ MACHINE_ERROR: { then: 'retry', times: 2 } }, [
      { code: 'MACHINE_ERROR' },
      { code: 'MACHINE_ERROR' },
      { code: 'MACHINE_ERROR' },
    ]);
    expect(thrice).toMatchObject({ failure: { code: 'MACHINE_ERROR' } });
  });

  test('is put before a person: given up with a warning where nobody has said more, or as the answer says', async () => {
    const assumed = await rehearse({ '*': 'ask' }, [{ code: 'MACHINE_ERROR' }], [true]);
    expect(assumed).toMatchObject({ failure: { code: 'MACHINE_ERROR', message: expect.stringContaining('jammed') }, questions: [] });
    expect(assumed.warnings).toContainEqual(expect.stringContaining('A run is held here until a person has answered: '));
    const skipped = await rehearse({ '*': 'ask' }, [{ code: 'MACHINE_ERROR' }], [{ then: 'skip' }]);
    expect(skipped).toMatchObject({
      failure: null,
      result: 'opened',
      questions: [{ kind: 'machine-error', answer: { then: 'skip' }, isAssumed: false }],
    });
    const retried = await rehearse({ '*': 'ask' }, [{ code: 'MACHINE_ERROR' }], [{ then: 'retry' }]);
    expect(retried.commands.map(({ status }) => status)).toEqual(['failed', 'completed']);
  });
});

describe('a time window', () => {
  const windowed = async (name: string, options: TimeWindowOptions, seconds: number): Promise<RehearsedRun> => {
    const protocol = protocolFunction({ name: 'windowed', version: '1.0.0', description: 'x', isTopLevel: true }, async (_p, _a, run) => {
      const window = run.timeWindow(name, options);
      await run.delay({ seconds });
      return (await window.end()).isBroken;
    });
    return execute([{ protocol }], { protocol: 'windowed' });
  };

  test.each([
    ['no name', ' ', { max: { seconds: 10 } }],
    ['a name that is too long', 'x'.repeat(201), { max: { seconds: 10 } }],
    ['no time', 'w', { max: { seconds: 0 } }],
    ['a warning before its beginning', 'w', { max: { seconds: 10 }, warnBefore: { seconds: 20 } }],
  ] as const)('with %s is refused as a run refuses it', async (_what, name, options) => {
    expect(await windowed(name, options, 1)).toMatchObject({ failure: { code: 'BAD_ARGUMENTS' } });
  });

  test('breaks in the moment in which its time is over, as in a run', async () => {
    expect(await windowed('w', { max: { seconds: 10 } }, 10)).toMatchObject({
      failure: null,
      result: true,
      warnings: [expect.stringContaining("'w' takes 10 s")],
    });
    expect(await windowed('w', { max: { seconds: 10 } }, 9)).toMatchObject({ failure: null, result: false, warnings: [] });
  });
});
