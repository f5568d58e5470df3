// Two commands at one machine in code that nobody awaits end their call; as many as are waited for together are looked at once
// each, however many there are.

import { expect, test } from '@jest/globals';
import { createOpenCommands } from './open-commands.js';
import { createScope, type Scope } from './scope.js';
import type { StateView } from './state-view.js';

const MANY = 600;
const NEVER = new Promise<void>(() => undefined);

test('very many commands side by side are looked at once each, and not each against each', () => {
  const { commands, root, branches } = openBranches(MANY);
  root.joined = MANY - 1;
  let looks = 0;
  for (const branch of branches)
    Object.defineProperty(branch, 'caller', {
      get: () => {
        looks += 1;
        return root;
      },
    });
  commands.judge();
  expect(looks).toBeGreaterThan(0);
  expect(looks).toBeLessThan(10 * MANY);
});

test('one more than is waited for together ends the call that they have in common', () => {
  const { commands, root } = openBranches(MANY);
  const told: Error[] = [];
  root.joined = MANY - 2;
  root.breakOff = (error) => {
    told.push(error);
  };
  commands.judge();
  expect(told).toEqual([
    expect.objectContaining({
      code: 'PROTOCOL_ERROR',
      message: expect.stringContaining('was under way at star, in code that nobody awaits') as unknown,
    }),
  ]);
});

function openBranches(count: number): { commands: ReturnType<typeof createOpenCommands>; root: Scope; branches: readonly Scope[] } {
  const commands = createOpenCommands(() => undefined);
  const state = {} as StateView;
  const root = createScope({ path: 'wide', state, sinceSeq: 0 });
  const branches = Array.from({ length: count }, (_, k) =>
    createScope({ path: `wide(1.${k + 1})`, caller: root, isPart: true, state, sinceSeq: 0 }),
  );
  for (const scope of branches) commands.note({ what: 'star.pick_up_tips', scope, machines: ['star'] }, NEVER);
  return { commands, root, branches };
}
