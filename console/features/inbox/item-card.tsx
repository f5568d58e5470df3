// What waits for a person: what is asked, what is known, and the answer. Who was faster is shown, and nothing typed is lost.

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { lab } from '../../live/lab.js';
import { useLive } from '../../live/use-live.js';
import { Pill } from '../../status/marks.js';
import type { InboxItem } from '../../status/run-status.js';
import { readLoose } from '../../ui/read-loose.js';
import { Refusal } from '../../ui/region.js';
import { ITEM_WORDS } from '../../words/runs.js';
import { sayClock } from '../../words/times.js';
import './inbox.css';

type Subject = InboxItem['subject'];
type Question = Extract<Subject, { readonly fields?: unknown }>;
type Answer = Parameters<typeof lab.answerInboxItem>[0]['body']['answer'];

export function ItemCard({ item }: { readonly item: InboxItem }) {
  const cache = useQueryClient();
  const { isLive } = useLive();
  const [note, setNote] = useState('');
  const { subject, createdAt, protocol, runId } = item;
  const answer = useMutation({
    mutationFn: (given: Answer) => lab.answerInboxItem({ params: { id: item.id }, body: { answer: given, note } }, { timeoutMs: 30_000 }),
    onSettled: () => void cache.invalidateQueries({ queryKey: ['inbox'] }),
  });
  const isOff = !isLive || answer.isPending;
  return (
    <article className="card item" aria-label={subject.text}>
      <div className="line">
        <Pill word={ITEM_WORDS[subject.kind].word} />
        <span className="strong grow">{subject.text}</span>
        <span className="small quiet">
          since {sayClock(createdAt)}
          {protocol === null ? '' : `, ${protocol}`}
        </span>
      </div>
      <Known subject={subject} />
      <div className="answer">
        <Choice subject={subject} isOff={isOff} onAnswer={(given) => answer.mutate(given)} />
        <input
          className="field"
          value={note}
          onChange={(event) => setNote(event.target.value)}
          placeholder="Note for the record"
          aria-label="Note for the record"
        />
        {runId !== null && (
          <Link to="/runs/$id" params={{ id: runId }} className="button plain">
            Open run
          </Link>
        )}
      </div>
      {!isLive && <span className="small quiet">Not live: what you would answer may have changed. Wait until it is.</span>}
      {answer.isError && <Refusal error={answer.error} />}
    </article>
  );
}

function Known({ subject }: { readonly subject: Subject }) {
  if (subject.kind !== 'uncertain-command' && subject.kind !== 'machine-error') return null;
  return (
    <div className="small">
      <span className="mono">
        {subject.machine}.{subject.method}({JSON.stringify(subject.arguments)})
      </span>
      <div className="quiet">{subject.known}</div>
    </div>
  );
}

interface ChoiceProps {
  readonly subject: Subject;
  readonly isOff: boolean;
  readonly onAnswer: (answer: Answer) => void;
}

function Choice({ subject, isOff, onAnswer }: ChoiceProps) {
  const button = (word: string, answer: Answer): ReactNode => (
    <button key={word} type="button" className="button" disabled={isOff} onClick={() => onAnswer(answer)}>
      {word}
    </button>
  );
  switch (subject.kind) {
    case 'confirm':
      return [button('Go on', true), button('Do not', false)];
    case 'manual-move':
      return [button('I have moved it', true), button('It cannot be moved', false)];
    case 'refill':
      return [button('I have refilled it', true), button('It cannot be refilled', false)];
    case 'choose':
      return (subject.choices ?? []).map((choice) => button(choice, choice));
    case 'alarm':
      return button('Acknowledge', true);
    case 'held-machine':
      return [button(`Give ${subject.machine} free`, true), button('Let the command fail', false)];
    case 'time-window':
      return [button('Go on', 'go-on'), button('Cancel the run', 'abort')];
    case 'machine-error':
      return [
        ...(subject.mayRetry ? [button('Try again', { then: 'retry' })] : []),
        button('Skip it', { then: 'skip' }),
        button('Give up', { then: 'abort' }),
      ];
    case 'uncertain-command':
      return [
        button('It was done: go on', { happened: 'done', then: 'skip' }),
        button('It was not done: try again', { happened: 'not-done', then: 'retry' }),
        button('It was not done: give up', { happened: 'not-done', then: 'abort' }),
        <span key="partly" className="small quiet">
          Partly done: state each channel with praxis answer.
        </span>,
      ];
    case 'number':
    case 'text':
    case 'form':
      return <Typed subject={subject} isOff={isOff} onAnswer={onAnswer} />;
    default:
      return null;
  }
}

function Typed({ subject, isOff, onAnswer }: ChoiceProps & { readonly subject: Question }) {
  const names = Object.keys(subject.fields ?? {});
  const [text, setText] = useState('');
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const give = (): void =>
    onAnswer(subject.kind === 'form' ? toForm(values) : subject.kind === 'number' ? Number(text.replace(',', '.')) : text);
  return (
    <form
      className="line"
      onSubmit={(event) => {
        event.preventDefault();
        give();
      }}
    >
      {subject.kind === 'form' ? (
        names.map((name) => (
          <label key={name} className="line small">
            {name}
            <input
              className="field"
              value={values[name] ?? ''}
              onChange={(event) => setValues({ ...values, [name]: event.target.value })}
            />
          </label>
        ))
      ) : (
        <input
          className="field"
          inputMode={subject.kind === 'number' ? 'decimal' : 'text'}
          value={text}
          onChange={(event) => setText(event.target.value)}
          aria-label="Answer"
        />
      )}
      {subject.unit !== undefined && <span className="quiet">{subject.unit}</span>}
      <button type="submit" className="button" disabled={isOff}>
        Answer
      </button>
    </form>
  );
}

/** Numbers and truths as such: the lab says where one is not what was asked. */
function toForm(values: Readonly<Record<string, string>>): Answer {
  return Object.fromEntries(Object.entries(values).map(([name, text]) => [name, readLoose(text)]));
}
