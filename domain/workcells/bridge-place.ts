// Where a bridge listens: on a unix socket of this machine, or on a TCP port of an instrument PC.

export interface RemoteBridge {
  readonly host: string;
  readonly port: number;
  /** The file on this machine that holds the token of that bridge. */
  readonly tokenFile: string;
  /** The certificate that the bridge must show, or that of who signed it; null where the link is plain. */
  readonly certificateFile: string | null;
}

/** The path of a socket, or an address. */
export type BridgePlace = string | RemoteBridge;

export function isRemote(place: BridgePlace): place is RemoteBridge {
  return typeof place !== 'string';
}

export function describeBridgePlace(place: BridgePlace): string {
  return isRemote(place) ? `${place.host}:${place.port}` : place;
}

/** The second socket or port of a bridge; stop_listener.py and entrance.py of the bridge have the same rule. */
export function toStopPlace(place: BridgePlace): BridgePlace {
  return isRemote(place) ? { ...place, port: place.port + 1 } : `${place.replace(/\.sock$/u, '')}.stop`;
}
