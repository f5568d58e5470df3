// One parameter of a form: its unit in the box, its range and what holds where it is left out.

import type { Protocol } from './protocol.js';

export type Spec = Protocol['parameters'][string];

interface FieldProps {
  readonly name: string;
  readonly spec: Spec;
  readonly text: string;
  readonly onText: (text: string) => void;
}

export function Field({ name, spec, text, onText }: FieldProps) {
  return (
    <label className="formRow">
      <span className="strong">{name}</span>
      <span className="line">
        <Input name={name} spec={spec} text={text} onText={onText} />
        {spec.unit !== undefined && <span className="quiet">{spec.unit}</span>}
      </span>
      <span className="small quiet">
        {[spec.description, sayRange(spec)].filter((each) => each !== undefined && each !== '').join(' · ')}
      </span>
    </label>
  );
}

function Input({ spec, text, onText }: FieldProps) {
  const otherwise = sayDefault(spec);
  if (spec.type === 'boolean' || spec.type === 'choice')
    return (
      <select className="field" value={text} onChange={(event) => onText(event.target.value)}>
        <option value="">{otherwise}</option>
        {(spec.choices ?? ['true', 'false']).map((choice) => (
          <option key={choice}>{choice}</option>
        ))}
      </select>
    );
  if (spec.type === 'table' || spec.type === 'list')
    return <textarea className="field tall" value={text} placeholder={otherwise} onChange={(event) => onText(event.target.value)} />;
  return <input className="field" value={text} placeholder={otherwise} onChange={(event) => onText(event.target.value)} />;
}

function sayDefault(spec: Spec): string {
  if (spec.default !== undefined) return typeof spec.default === 'string' ? spec.default : JSON.stringify(spec.default);
  return spec.isOptional === true ? 'may be left out' : 'required';
}

function sayRange({ min, max, type }: Spec): string {
  const kind = { duration: 'such as 90 s', wells: 'such as A1:H3', table: 'pasted as CSV with its header', list: 'such as [1, 2, 3]' }[
    type as string
  ];
  if (min !== undefined && max !== undefined) return `${min} to ${max}`;
  if (min !== undefined) return `at least ${min}`;
  if (max !== undefined) return `at most ${max}`;
  return kind ?? '';
}
