// Prepares a run: its parameters and items, a rehearsal, and the start. The lab checks what is given, as it does for everybody.

import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { protocols } from '../../live/queries.js';
import { lab } from '../../live/lab.js';
import { useLive } from '../../live/use-live.js';
import { Region, Refusal } from '../../ui/region.js';
import { Field } from './field.js';
import type { Protocol } from './protocol.js';
import { readForm, type Texts } from './read-form.js';
import { Rehearsal } from './rehearsal.js';
import './start.css';

const START_TIMEOUT_MS = 30_000;
const REHEARSAL_TIMEOUT_MS = 60_000;

export function StartPage({ protocol: name }: { readonly protocol: string }) {
  const query = useQuery(protocols());
  return (
    <div className="page">
      <Region title={`Start ${name}`} isWhole query={query}>
        {(all) => {
          const protocol = all.find((each) => each.name === name && each.isTopLevel);
          return protocol === undefined ? (
            <div className="empty">No protocol {name} in this lab.</div>
          ) : (
            <Form key={protocol.bundle} protocol={protocol} />
          );
        }}
      </Region>
    </div>
  );
}

function Form({ protocol }: { readonly protocol: Protocol }) {
  const navigate = useNavigate();
  const { isLive } = useLive();
  const [texts, setTexts] = useState<Texts>({});
  const [items, setItems] = useState<Texts>({});
  const [key] = useState(() => crypto.randomUUID());
  const toRequest = () => ({
    parameters: readForm(protocol.parameters, texts),
    assets: Object.fromEntries(Object.entries(items).filter(([, item]) => item.trim() !== '')),
  });
  const rehearse = useMutation({
    mutationFn: () => lab.rehearseProtocol({ params: { name: protocol.name }, body: toRequest() }, { timeoutMs: REHEARSAL_TIMEOUT_MS }),
  });
  const start = useMutation({
    mutationFn: () =>
      lab.startRun(
        { body: { protocol: protocol.name, version: protocol.version, ...toRequest() }, headers: { 'idempotency-key': key } },
        { timeoutMs: START_TIMEOUT_MS },
      ),
    onSuccess: ({ id }) => void navigate({ to: '/runs/$id', params: { id } }),
  });
  return (
    <form
      className="start"
      onSubmit={(event) => {
        event.preventDefault();
        start.mutate();
      }}
    >
      <p className="quiet">{protocol.description}</p>
      <fieldset className="card">
        <legend className="strong">Parameters</legend>
        {Object.entries(protocol.parameters).map(([name, spec]) => (
          <Field key={name} name={name} spec={spec} text={texts[name] ?? ''} onText={(text) => setTexts({ ...texts, [name]: text })} />
        ))}
        {Object.keys(protocol.parameters).length === 0 && <span className="quiet">It takes none.</span>}
      </fieldset>
      <fieldset className="card">
        <legend className="strong">Items</legend>
        {Object.entries(protocol.assets).map(([name, { type, description }]) => (
          <label key={name} className="formRow">
            <span className="strong">{name}</span>
            <input
              className="field"
              value={items[name] ?? ''}
              placeholder="chosen by the lab"
              onChange={(event) => setItems({ ...items, [name]: event.target.value })}
            />
            <span className="small quiet">{description ?? type}</span>
          </label>
        ))}
      </fieldset>
      <div className="line">
        <button type="submit" className="button primary" disabled={!isLive || start.isPending}>
          Start {protocol.name}
        </button>
        <button type="button" className="button" disabled={rehearse.isPending} onClick={() => rehearse.mutate()}>
          Rehearse
        </button>
        {rehearse.isPending && <span className="small quiet">Rehearsing</span>}
        {!isLive && <span className="small quiet">Not live: starting waits until it is.</span>}
      </div>
      {start.isError && <Refusal error={start.error} />}
      {rehearse.isError && <Refusal error={rehearse.error} />}
      {rehearse.data !== undefined && <Rehearsal report={rehearse.data} />}
    </form>
  );
}
