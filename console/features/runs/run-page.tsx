// One run: how it stands and what can be done about it, what it waits for, and what it does.

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Fragment, type ReactNode } from 'react';
import { openItems, run as runQuery } from '../../live/queries.js';
import { isEnded, type InboxItem, type Run } from '../../status/run-status.js';
import { Refusal } from '../../ui/region.js';
import { CallsTab } from './calls-tab.js';
import { CommandsTab } from './commands-tab.js';
import { RunHead } from './run-head.js';
import { Outcome } from './outcome.js';
import './run.css';

export const RUN_TABS = ['calls', 'commands', 'parameters'] as const;
export type RunTab = (typeof RUN_TABS)[number];
const TAB_WORDS: Readonly<Record<RunTab, string>> = { calls: 'Calls', commands: 'Commands', parameters: 'Parameters and items' };

interface RunPageProps {
  readonly id: string;
  readonly tab: RunTab;
  /** What waits for a person is shown and answered as in the inbox. */
  readonly renderItem: (item: InboxItem) => ReactNode;
}

export function RunPage({ id, tab, renderItem }: RunPageProps) {
  const query = useQuery(runQuery(id));
  const items = useQuery(openItems()).data?.items.filter(({ runId }) => runId === id) ?? [];
  if (query.data === undefined)
    return (
      <div className="page">
        <h1 className="heard">Run {id}</h1>
        {query.isError ? <Refusal error={query.error} /> : <div className="skeleton" style={{ height: 96 }} aria-busy="true" />}
      </div>
    );
  const run = query.data;
  return (
    <div>
      <RunHead run={run} />
      <div className="page runBody">
        {items.map((item) => (
          <Fragment key={item.id}>{renderItem(item)}</Fragment>
        ))}
        {isEnded(run.status) && <Outcome run={run} />}
        <nav className="tabs" aria-label="Parts of the run">
          {RUN_TABS.map((each) => (
            <Link
              key={each}
              to="/runs/$id"
              params={{ id }}
              search={{ tab: each }}
              className={each === tab ? 'tab on' : 'tab'}
              aria-current={each === tab ? 'page' : undefined}
            >
              {TAB_WORDS[each]}
            </Link>
          ))}
        </nav>
        {tab === 'calls' && <CallsTab id={id} />}
        {tab === 'commands' && <CommandsTab id={id} />}
        {tab === 'parameters' && <Given run={run} />}
      </div>
    </div>
  );
}

function Given({ run }: { readonly run: Run }) {
  return (
    <div className="card">
      <table className="table">
        <tbody>
          {Object.entries(run.parameters).map(([name, value]) => (
            <tr key={`parameter ${name}`}>
              <td className="strong">{name}</td>
              <td className="mono">{JSON.stringify(value)}</td>
            </tr>
          ))}
          {Object.entries(run.assets).map(([name, asset]) => (
            <tr key={`item ${name}`}>
              <td className="strong">{name}</td>
              <td>
                {asset.name} <span className="quiet">{asset.type}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
