// One command in block mode, against a direct Python loop over the same PyLabRobot calls that syncs a line for each; and
// beside them one durable step for each command in other engines.

import path from 'node:path';
import type { Figure, Findings, Omission } from './figures.js';
import { startFloorPython, type FloorPython, type MethodCall } from './floor-python.js';
import { measureActivitiesMs, readHistory } from './history.js';
import { PEERS, type Peer } from './peers.js';
import { measureRatio } from './ratios.js';
import type { Stage } from './stage.js';

const BLOCKS = 5;
const GOAL_RATIO = 1.5;
const STROKES = 200;
/** Ours in block mode counts as one; so many times slower a step of another engine is wanted to be. */
const GOAL_PEER_RATIO = { Restate: 2, DBOS: 3 } as const;

export async function benchBlock(stage: Stage): Promise<Findings> {
  const python = startFloorPython(stage.python, stage.workcellFile);
  try {
    const ours = async (): Promise<{ id: string; msEach: number }> => {
      const { id } = await stage.runToEnd('moves', { parameters: { strokes: STROKES, isBlock: true } });
      return { id, msEach: measureActivitiesMs(await readHistory(stage.temporal, id), ['executeBlock'], 1) / (2 * STROKES) };
    };
    const all = await stage.readCalls((await ours()).id);
    const [pickUp, ...rest] = all;
    // The tip is taken and put back outside the block.
    const calls = rest.slice(0, -1);
    if (pickUp === undefined || calls.length !== 2 * STROKES) throw new Error(`The block had ${calls.length} commands.`);
    const prepare = async (): Promise<void> => {
      await python.call('reset', null);
      await python.call(...pickUp);
    };
    const figure = await measureRatio(
      {
        name: 'one command in block mode',
        goal: GOAL_RATIO,
        blocks: BLOCKS,
        floor: async () => {
          await prepare();
          return (await python.loop(calls, path.join(stage.folder, 'floor-tape.jsonl'))) / calls.length;
        },
        ours: async () => (await ours()).msEach,
      },
      stage.say,
    );
    return await addPeers(stage, { figure, python, prepare, calls, measureOurs: async () => (await ours()).msEach });
  } finally {
    python.close();
  }
}

interface PeerContest {
  readonly figure: Figure;
  readonly python: FloorPython;
  readonly prepare: () => Promise<void>;
  readonly calls: readonly MethodCall[];
  readonly measureOurs: () => Promise<number>;
}

async function addPeers(stage: Stage, contest: PeerContest): Promise<Findings> {
  const figures: Figure[] = [contest.figure];
  const omissions: Omission[] = [];
  for (const name of ['Restate', 'DBOS'] as const) {
    let peer: Peer | undefined;
    try {
      peer = await PEERS[name](stage);
      figures.push(await measurePeer(stage, name, { ...contest, peer }));
    } catch (error) {
      omissions.push({ name: `one durable step of ${name}`, because: error instanceof Error ? error.message : String(error) });
    } finally {
      await peer?.close();
    }
  }
  return { figures, omissions };
}

/** The figure is how many times longer the other engine takes. */
async function measurePeer(stage: Stage, name: keyof typeof GOAL_PEER_RATIO, contest: PeerContest & { peer: Peer }): Promise<Figure> {
  const { peer, python, prepare, calls, measureOurs } = contest;
  const ratio = await measureRatio(
    {
      name: `one step of ${name} ÷ one command in a block`,
      goal: GOAL_PEER_RATIO[name],
      blocks: BLOCKS,
      floor: measureOurs,
      ours: async () => {
        await prepare();
        return (await peer.runSteps(calls, async (call) => { await python.call(...call); })) / calls.length;
      },
    },
    stage.say,
  );
  const { floorsMs = [], oursMs = [] } = ratio.raw;
  return { ...ratio, goal: { atLeast: GOAL_PEER_RATIO[name] }, detail: ratio.detail.replace('floor', 'ours').replace(/, ours/u, `, ${name}`), raw: { oursMs: floorsMs, peerMs: oursMs } };
}
