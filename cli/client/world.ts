// What every command of the client works with.

import type { ApiClient } from './api-client.js';
import type { Person } from '../terminal/ask-person.js';
import type { Terminal } from '../terminal/terminal.js';

export interface World {
  readonly api: ApiClient;
  readonly terminal: Terminal;
  /** Null where nobody sits at the terminal. */
  readonly person: Person | null;
  /** Prints the one JSON document of `--json`. */
  readonly printJson: (value: unknown) => void;
}

export interface JsonOption {
  readonly json?: boolean;
}
