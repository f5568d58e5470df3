// What durability costs: a journaled command in a block, against a durable step that does nothing in other engines. The
// command turns a simulated pump, which takes no time, so that the engines are compared and not the instrument.

import type { Figure, Findings, Omission } from './figures.js';
import { measureActivitiesMs, readHistory } from './history.js';
import { PEERS, type Peer } from './peers.js';
import { measureRatio } from './ratios.js';
import type { Stage } from './stage.js';

const BLOCKS = 5;
const STEPS = 400;
/** So many times slower than a command of ours a step elsewhere is wanted to be. */
const GOAL_RATIOS = { Restate: 2, DBOS: 3 } as const;

export async function benchSteps(stage: Stage): Promise<Findings> {
  const figures: Figure[] = [];
  const omissions: Omission[] = [];
  for (const name of ['Restate', 'DBOS'] as const) {
    let peer: Peer | undefined;
    try {
      peer = await PEERS[name](stage);
      figures.push(await measurePeer(stage, name, peer));
    } catch (error) {
      omissions.push({ name: `one durable step of ${name}`, because: error instanceof Error ? error.message : String(error) });
    } finally {
      await peer?.close();
    }
  }
  return { figures, omissions };
}

/** The figure is how many times longer the other engine takes, so it stands where ours stands elsewhere. */
async function measurePeer(stage: Stage, name: keyof typeof GOAL_RATIOS, peer: Peer): Promise<Figure> {
  const measureOurs = async (): Promise<number> => {
    const { id } = await stage.runToEnd('pump_strokes', {
      parameters: { strokes: STEPS, isBlock: true },
      assets: { pump: 'instant_pump' },
    });
    return measureActivitiesMs(await readHistory(stage.temporal, id), ['executeBlock'], 1) / STEPS;
  };
  const measureTheirs = async (): Promise<number> => (await peer.runSteps(STEPS)) / STEPS;
  const title = `one step of ${name} ÷ one command in a block`;
  const figure = await measureRatio(
    { name: title, goal: GOAL_RATIOS[name], blocks: BLOCKS, floor: measureOurs, ours: measureTheirs, labels: ['ours', name] },
    stage.say,
  );
  return { ...figure, goal: { atLeast: GOAL_RATIOS[name] } };
}
