// Which protocol to start.

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { protocols } from '../../live/queries.js';
import { Region } from '../../ui/region.js';

export function PickPage() {
  const [text, setText] = useState('');
  return (
    <div className="page">
      <Region title="Start a run" isWhole query={useQuery(protocols())}>
        {(all) => {
          const shown = all.filter(
            ({ isTopLevel, name, description }) => isTopLevel && `${name} ${description}`.toLowerCase().includes(text.toLowerCase()),
          );
          return (
            <>
              <input
                className="field"
                autoFocus
                value={text}
                onChange={(event) => setText(event.target.value)}
                placeholder="Search protocols"
                aria-label="Search protocols"
              />
              <div className="card picks">
                {shown.map(({ name, version, description }) => (
                  <Link key={name} to="/start/$protocol" params={{ protocol: name }} className="pick">
                    <span className="strong">{name}</span> <span className="quiet">{version}</span>
                    <div className="small quiet">{description}</div>
                  </Link>
                ))}
                {shown.length === 0 && <div className="page quiet">No protocol is called like that.</div>}
              </div>
            </>
          );
        }}
      </Region>
    </div>
  );
}
