// What every command of the client works with.

import type { ApiClient } from './api-client.js';
import type { Terminal } from './terminal.js';

export interface World {
  readonly api: ApiClient;
  readonly terminal: Terminal;
  /** Prints the one JSON document of `--json`. */
  readonly printJson: (value: unknown) => void;
}

export interface JsonOption {
  readonly json?: boolean;
}
