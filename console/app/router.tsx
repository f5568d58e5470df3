// Every address of the console and the page behind it; an address restores its view.

import { createRootRoute, createRoute, createRouter, Link } from '@tanstack/react-router';
import { HomePage } from '../features/home/home-page.js';
import { ItemCard } from '../features/inbox/item-card.js';
import { InboxPage } from '../features/inbox/inbox-page.js';
import { RunPage, RUN_TABS, type RunTab } from '../features/runs/run-page.js';
import { RunsPage } from '../features/runs/runs-page.js';
import { StartPage } from '../features/start/start-page.js';
import { PickPage } from '../features/start/pick-page.js';
import { Shell } from './shell.js';

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });
const home = createRoute({ getParentRoute: () => root, path: '/', component: HomePage });
const inbox = createRoute({ getParentRoute: () => root, path: '/inbox', component: InboxPage });
const pick = createRoute({ getParentRoute: () => root, path: '/start', component: PickPage });
const start = createRoute({ getParentRoute: () => root, path: '/start/$protocol', component: Start });
const runs = createRoute({ getParentRoute: () => root, path: '/runs', component: RunsPage });
const run = createRoute({
  getParentRoute: () => root,
  path: '/runs/$id',
  validateSearch: ({ tab }: { tab?: unknown }): { tab?: RunTab } => {
    const known = RUN_TABS.find((each) => each === tab);
    return known === undefined ? {} : { tab: known };
  },
  component: RunOfAddress,
});

function Start() {
  const { protocol } = start.useParams();
  return <StartPage key={protocol} protocol={protocol} />;
}

function RunOfAddress() {
  const { id } = run.useParams();
  const { tab = 'calls' } = run.useSearch();
  return <RunPage key={id} id={id} tab={tab} renderItem={(item) => <ItemCard item={item} />} />;
}

function NotFound() {
  return (
    <div className="page">
      <div className="empty">
        There is no such page. <Link to="/">Home</Link>
      </div>
    </div>
  );
}

export const router = createRouter({ routeTree: root.addChildren([home, inbox, pick, start, runs, run]), defaultPreload: false });

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
