// Takes no new run while the disk of the lab is nearly full: what runs needs the room that is left, to end in order and to
// be written down. As soon as there is room again runs are taken again.

import type { RequestHandler } from 'express';
import { LabError } from '../../domain/errors/error.js';
import { findTightestDisk } from '../../platform/disk-room.js';
import type { Settings } from '../../platform/settings.js';

/** In front of routes by which a run begins. */
export function refuseWhenFull({
  home,
  dataFolders,
  leastFreeMib,
}: Pick<Settings, 'home' | 'dataFolders' | 'leastFreeMib'>): RequestHandler {
  return (_request, _response, next) => {
    const { folder, freeMib } = findTightestDisk([home, ...dataFolders]);
    if (freeMib < leastFreeMib) {
      throw new LabError('DISK_FULL', {
        message: `Only ${freeMib} MiB are free at ${folder}; below ${leastFreeMib} MiB no run is begun. Runs under way go on.`,
      });
    }
    next();
  };
}
