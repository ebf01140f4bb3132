import * as React from 'react';
import { measured, memory } from '../model/format';
import { IJobState } from '../model/job';
import { clean, ITrans } from '../model/words';
import { Icon } from '../ui/parts';
import { IRow, rowsOf } from './rows';
import { PageView } from './view';

/** Above this share of what it asked for, a step is close to its limit. */
const CLOSE = 0.9;
/** Below this share, less would do. */
const LITTLE = 0.4;

interface IUsage {
  row: IRow;
  peak: number;
  asked: number;
  cores: number;
  coresUsed: number | null;
  cpu: number;
  wall: number;
}

/** What each step asked for, and what it used. */
export function Resources({ view, state }: { view: PageView; state: IJobState }): JSX.Element {
  const { trans } = view.workflows;
  const rows = rowsOf(state)
    .flatMap(leaves)
    .filter(row => row.runs.length > 0)
    .map(usage);
  const top = Math.max(1, ...rows.map(row => Math.max(row.peak, row.asked))) * 1.1;
  if (rows.length === 0) {
    return <p className="jp-eodh-PageEmpty">{trans.__('No step has begun yet.')}</p>;
  }
  return (
    <div className="jp-eodh-PageScroll" tabIndex={0} role="region" aria-label={trans.__('Resources')}>
      <table className="jp-eodh-PageTable">
        <thead>
          <tr>
            <th scope="col">{trans.__('Step')}</th>
            <th scope="col">{trans.__('Memory: peak against asked')}</th>
            <th scope="col" className="jp-mod-number">
              {trans.__('Peak')}
            </th>
            <th scope="col" className="jp-mod-number">
              {trans.__('Asked')}
            </th>
            <th scope="col" className="jp-mod-number">
              {trans.__('Cores used')}
            </th>
            <th scope="col" className="jp-mod-number">
              {trans.__('Asked')}
            </th>
            <th scope="col" className="jp-mod-number">
              {trans.__('CPU')}
            </th>
            <th scope="col" className="jp-mod-number">
              {trans.__('Time')}
            </th>
            <th scope="col">{trans.__('Advice')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(row => (
            <tr key={row.row.key}>
              <th scope="row">
                {clean(row.row.label, 80)}
                {row.row.runs.length > 1 && ` ×${row.row.runs.length}`}
              </th>
              <td>
                <span className="jp-eodh-PageGauge" aria-hidden="true" data-close={isClose(row) || undefined}>
                  <i style={{ width: `${(100 * row.peak) / top}%` }} />
                  {row.asked > 0 && <b style={{ left: `${(100 * row.asked) / top}%` }} />}
                </span>
              </td>
              <td className="jp-mod-number">{row.peak ? memory(row.peak) : ''}</td>
              <td className="jp-mod-number">{row.asked ? memory(row.asked) : ''}</td>
              <td className="jp-mod-number">{row.coresUsed?.toFixed(1) ?? ''}</td>
              <td className="jp-mod-number">{row.cores || ''}</td>
              <td className="jp-mod-number">{row.wall ? measured(row.cpu) : ''}</td>
              <td className="jp-mod-number">{row.wall ? measured(row.wall) : ''}</td>
              <td>
                <Advice row={row} trans={trans} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="jp-eodh-PageMuted jp-eodh-PageFoot">
        {trans.__('Times of a scatter are the sum of its parts; its memory is that of the largest part.')}{' '}
        {trans.__('The line marks what the step asked for.')}
      </p>
    </div>
  );
}

function Advice({ row, trans }: { row: IUsage; trans: ITrans }): JSX.Element | null {
  if (!row.peak || !row.asked) {
    return null;
  }
  if (isClose(row)) {
    return (
      <>
        <Icon name="warn" /> {trans.__('Close to the limit: ask for %1', memory(rounded(row.peak * 1.25)))}
      </>
    );
  }
  const enough = rounded(row.peak * 1.25);
  return (
    <span className="jp-eodh-PageMuted">
      {row.peak < LITTLE * row.asked && enough < row.asked
        ? trans.__('%1 is enough', memory(enough))
        : trans.__('fits')}
    </span>
  );
}

/** Give the steps that run something. */
function leaves(row: IRow): IRow[] {
  return row.isScatter || row.children.length === 0 ? [row] : row.children.flatMap(leaves);
}

function usage(row: IRow): IUsage {
  const sum = (of: (step: IRow['runs'][number]) => number | null | undefined) =>
    row.runs.reduce((total, step) => total + (of(step) ?? 0), 0);
  const most = (of: (step: IRow['runs'][number]) => number | null | undefined) =>
    Math.max(0, ...row.runs.map(step => of(step) ?? 0));
  const [cpu, wall] = [sum(step => step.cpu_s), sum(step => step.wall_s)];
  return {
    row,
    peak: most(step => step.peak_ram_mib),
    asked: most(step => step.ram_mib),
    cores: most(step => step.cores),
    coresUsed: wall > 0 ? cpu / wall : null,
    cpu,
    wall
  };
}

function isClose(row: IUsage): boolean {
  return row.asked > 0 && row.peak > CLOSE * row.asked;
}

/** Round up to 64 MiB, from 1 GiB on to a quarter of a GiB. */
function rounded(mebibytes: number): number {
  const unit = mebibytes > 1024 ? 256 : 64;
  return Math.ceil(mebibytes / unit) * unit;
}
