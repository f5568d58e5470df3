// Machines, labware and the workcell that holds them: as rows describe them and as the bridge builds them.

import type { LabwareCategory } from '../catalogue/labware-category.js';
import type { JsonObject } from '../json/json.js';

export type RunMode = 'simulation' | 'hardware';

export interface MachineSpec {
  /** Unique in the lab; commands name the machine by it. */
  readonly name: string;
  /** PyLabRobot front end, for example `LiquidHandler`. */
  readonly frontend: string;
  /** Backend by an id of the bridge's allow-list, for example `STARChatterboxBackend`. */
  readonly backend: string;
  readonly backendArguments: JsonObject;
  /** Arguments of the front end's constructor beyond name and backend: sizes, `child_location`, `racks`, … Left out: the bridge's defaults. */
  readonly frontendArguments?: JsonObject;
  /** Where on the deck it stands, so that a gripper reaches it; left out for a machine beside the deck. */
  readonly location?: MachineLocation;
  readonly mode: RunMode;
}

/** Left front bottom corner in millimetres of the deck, or a carrier and its site (from 0). */
export type MachineLocation =
  | { readonly x: number; readonly y: number; readonly z: number }
  | { readonly carrier: string; readonly site: number };

export interface DeckSpec {
  /** PyLabRobot deck class, for example `STARLetDeck`. */
  readonly type: string;
  readonly carriers: readonly { readonly name: string; readonly type: string; readonly rails: number }[];
}

export interface LabwareSpec {
  readonly name: string;
  /** PyLabRobot catalogue function, for example `Cor_96_wellplate_360ul_Fb`. */
  readonly type: string;
  readonly category: LabwareCategory;
  readonly location: LabwareLocation;
  /** What a fresh item holds. Tip racks are full unless told otherwise. */
  readonly fresh: FreshContents;
  /** Simulated consumables only: refreshed when the run that used it releases it. */
  readonly autoReplace: boolean;
}

/** Carrier and site (from 0), or a machine that holds it; `site` where that machine has several (incubator racks, centrifuge buckets). */
export type LabwareLocation = { readonly carrier: string; readonly site: number } | { readonly machine: string; readonly site?: number };

/** Where labware is now: also in a gripper, or on something that is neither site nor machine. */
export type LabwarePlace = LabwareLocation | { readonly gripper: string } | { readonly on: string };

/** Volumes in µL: of the one container (`volumeUl`) or of wells by name (`wellsUl`). */
export interface FreshContents {
  readonly volumeUl?: number;
  readonly wellsUl?: Readonly<Record<string, number>>;
}

/** Everything a bridge needs to build its workcell again after a restart. */
export interface WorkcellSpec {
  readonly name: string;
  readonly machines: readonly MachineSpec[];
  /** The deck of the liquid handler; null for a workcell without one. */
  readonly deck: DeckSpec | null;
  readonly labware: readonly LabwareSpec[];
}
