// The frame of every page: the rail, the top bar with what stops everything, and at most one strip of what is worst.

import { useQuery } from '@tanstack/react-query';
import { Link, Outlet } from '@tanstack/react-router';
import { IconCirclePlus, IconHistory, IconHome, IconInbox, IconMoon, IconSun, type Icon } from '@tabler/icons-react';
import { useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { useEffect } from 'react';
import { Count } from '../status/marks.js';
import { Patterns } from '../status/shapes.js';
import { sayClock, sayZone } from '../words/times.js';
import { useNow } from '../ui/use-now.js';
import { openItems } from '../live/queries.js';
import { StopAll } from './stop-all.js';
import { Strip } from './strip.js';
import { LiveSign } from './live-sign.js';
import './shell.css';

const PAGES: readonly { readonly name: string; readonly to: '/' | '/inbox' | '/start' | '/runs'; readonly icon: Icon }[] = [
  { name: 'Home', to: '/', icon: IconHome },
  { name: 'Inbox', to: '/inbox', icon: IconInbox },
  { name: 'Start', to: '/start', icon: IconCirclePlus },
  { name: 'Runs', to: '/runs', icon: IconHistory },
];

export function Shell() {
  const waiting = useQuery(openItems()).data?.items.filter(({ subject }) => subject.kind !== 'alarm').length ?? 0;
  useEffect(() => {
    document.title = waiting > 0 ? `(${waiting}) needs you - Praxis` : 'Praxis';
  }, [waiting]);
  return (
    <div className="shell">
      <Patterns />
      <nav className="rail" aria-label="Pages">
        <div className="brand">
          <Logo />
          <span className="label">Praxis</span>
        </div>
        {PAGES.map(({ name, to, icon: PageIcon }) => (
          <Link
            key={to}
            to={to}
            className="nav"
            activeProps={{ className: 'on', 'aria-current': 'page' }}
            activeOptions={{ exact: to === '/' }}
            title={name}
          >
            <PageIcon size={18} stroke={1.5} aria-hidden="true" />
            <span className="label">{name}</span>
            {to === '/inbox' && waiting > 0 && <Count of={waiting} />}
          </Link>
        ))}
      </nav>
      <header className="top">
        <LiveSign />
        <span className="grow" />
        <Clock />
        <Theme />
        <StopAll />
      </header>
      <Strip />
      <main className="main">
        <Outlet />
      </main>
    </div>
  );
}

function Clock() {
  return (
    <span className="small quiet number">
      {sayClock(useNow(), true)} {sayZone()}
    </span>
  );
}

function Theme() {
  const { setColorScheme } = useMantineColorScheme();
  const isDark = useComputedColorScheme('light') === 'dark';
  const name = isDark ? 'Light colours' : 'Dark colours';
  return (
    <button type="button" className="button plain" aria-label={name} title={name} onClick={() => setColorScheme(isDark ? 'light' : 'dark')}>
      {isDark ? <IconSun size={18} stroke={1.5} aria-hidden="true" /> : <IconMoon size={18} stroke={1.5} aria-hidden="true" />}
    </button>
  );
}

function Logo() {
  const ring = { fill: 'none', stroke: 'var(--ground)', strokeWidth: 1.4 };
  return (
    <svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
      <rect x="1" y="1" width="18" height="18" rx="4" fill="var(--ink)" />
      <circle cx="6.5" cy="6.5" r="2" {...ring} />
      <circle cx="13.5" cy="6.5" r="2.7" fill="var(--ground)" />
      <circle cx="6.5" cy="13.5" r="2.7" fill="var(--ground)" />
      <circle cx="13.5" cy="13.5" r="2" {...ring} />
    </svg>
  );
}
