// How much room is left where the lab keeps its data.

import { statfsSync } from 'node:fs';

const BYTES_PER_MIB = 1024 ** 2;

export interface DiskRoom {
  readonly folder: string;
  readonly freeMib: number;
}

/** The folder whose disk has the least room; one that can not be looked at is none that fills up. */
export function findTightestDisk(folders: readonly string[]): DiskRoom {
  const rooms = folders.map((folder) => ({ folder, freeMib: readFreeMib(folder) }));
  return rooms.reduce((tightest, room) => (room.freeMib < tightest.freeMib ? room : tightest), {
    folder: folders[0] ?? '',
    freeMib: Infinity,
  });
}

function readFreeMib(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return Math.floor((bavail * bsize) / BYTES_PER_MIB);
  } catch {
    // Not there, or on a disk that does not answer: other parts of the lab say so.
    return Infinity;
  }
}
