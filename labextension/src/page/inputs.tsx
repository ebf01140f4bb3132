import * as React from 'react';
import { magicCode } from '../form/magic';
import { pythonCode } from '../form/python';
import { IJobState } from '../model/job';
import { pathOf } from '../model/runner';
import { clean } from '../model/words';
import { IField } from '../model/wire';
import { Button } from '../ui/parts';
import { useAnswer } from './hooks';
import { PageView } from './view';

interface IInputRow {
  name: string;
  value: unknown;
  from: 'given' | 'default' | 'unset';
}

/** What the job was given, and what it took by default. */
export function Inputs({ view, state }: { view: PageView; state: IJobState }): JSX.Element {
  const { trans, runner } = view.workflows;
  const { job } = state;
  // The defaults are those of the deployed revision: they are told only where it is the job's own.
  const isSame = job.revision !== undefined && job.revision === job.process_revision;
  const form = useAnswer(isSame ? job.processID : null, () =>
    runner.request<{ fields: IField[] }>(`${pathOf('processes', job.processID)}/form`)
  );
  const rows = inputRows(job.inputs ?? {}, form.value?.fields ?? []);
  const given = Object.entries(job.inputs ?? {});
  const schemas = new Map(form.value?.fields.map(field => [field.name, field.schema]) ?? []);
  const magic = given.map(([name, value]): [string, unknown, any] => [name, value, schemas.get(name)]);
  const words = { given: trans.__('given'), default: trans.__('default'), unset: trans.__('not set') };
  return (
    <div className="jp-eodh-PageScroll" tabIndex={0} role="region" aria-label={trans.__('Inputs')}>
      <div className="jp-eodh-PageToolbar">
        <span className="jp-eodh-PageMuted jp-eodh-PageGrow">
          {trans._n('%1 input', '%1 inputs', rows.length)}
          {job.revision !== undefined && ` · ${trans.__('revision %1', job.revision)}`}
        </span>
        <Button icon="code" onClick={() => view.copy(pythonCode(job.processID, given))}>
          {trans.__('Copy as Python')}
        </Button>
        <Button icon="code" onClick={() => view.copy(magicCode(job.processID, magic))}>
          {trans.__('Copy as magic')}
        </Button>
        <Button icon="copy" onClick={() => view.copy(JSON.stringify(job.inputs ?? {}, null, 2))}>
          {trans.__('Copy as JSON')}
        </Button>
      </div>
      {rows.length === 0 ? (
        <p className="jp-eodh-PageEmpty">{trans.__('The job was given no inputs.')}</p>
      ) : (
        <table className="jp-eodh-PageTable">
          <thead>
            <tr>
              <th scope="col">{trans.__('Input')}</th>
              <th scope="col">{trans.__('Value')}</th>
              <th scope="col">{trans.__('From')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(row => (
              <tr key={row.name}>
                <th scope="row">{clean(row.name, 80)}</th>
                <td>{row.from === 'unset' ? '' : <Value value={row.value} />}</td>
                <td className="jp-eodh-PageMuted">{words[row.from]}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

/** Give all inputs in the order of the schema, then those that it does not name. */
export function inputRows(inputs: Record<string, unknown>, fields: IField[]): IInputRow[] {
  const rows: IInputRow[] = fields.map(field =>
    field.name in inputs
      ? { name: field.name, value: inputs[field.name], from: 'given' }
      : 'default' in field
        ? { name: field.name, value: field.default, from: 'default' }
        : { name: field.name, value: null, from: 'unset' }
  );
  const known = new Set(fields.map(field => field.name));
  for (const [name, value] of Object.entries(inputs)) {
    if (!known.has(name)) {
      rows.push({ name, value, from: 'given' });
    }
  }
  return rows;
}

function Value({ value }: { value: unknown }): JSX.Element {
  const isPlace = typeof value === 'object' && value !== null && 'href' in value;
  const text =
    typeof value === 'string'
      ? value
      : isPlace
        ? String((value as { href: unknown }).href)
        : JSON.stringify(value, null, isFlat(value) ? undefined : 2);
  return typeof value === 'number' || typeof value === 'boolean' ? (
    <span>{text}</span>
  ) : (
    <code className="jp-eodh-PageValue">
      {text.split('\n').map((line, at) => (
        <React.Fragment key={at}>
          {at > 0 && '\n'}
          {clean(
            line.replace(/^ +/, spaces => '\u00a0'.repeat(spaces.length)),
            5000
          )}
        </React.Fragment>
      ))}
    </code>
  );
}

function isFlat(value: unknown): boolean {
  const inner = typeof value === 'object' && value !== null ? Object.values(value) : [];
  return inner.every(item => typeof item !== 'object' || item === null);
}
