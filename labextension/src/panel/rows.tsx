import * as React from 'react';
import { runIcon, stopIcon } from '@jupyterlab/ui-components';
import { absolute, ago } from '../model/format';
import { clean, ITrans } from '../model/words';
import { IJob, IProcess, isTerminal } from '../model/wire';
import { useNow } from '../ui/clock';
import { Icon } from '../ui/parts';
import { rowTime, rowWords, Width } from './words';

/** What every row is given. */
export interface IRowProps {
  trans: ITrans;
  width: Width;
  /** The one row that Tab reaches. */
  isActive: boolean;
  isSelected: boolean;
  onFocus(): void;
  onOpen(): void;
  onMenu(event: React.MouseEvent): void;
}

function rowAttributes(props: IRowProps, key: string): React.ButtonHTMLAttributes<HTMLButtonElement> {
  return {
    type: 'button',
    className: `jp-eodh-Row${props.isSelected ? ' jp-mod-selected' : ''}`,
    tabIndex: props.isActive ? 0 : -1,
    onFocus: props.onFocus,
    onClick: props.onOpen,
    onContextMenu: props.onMenu,
    ...{ 'data-key': key }
  };
}

/** A job, live or ended. */
export function JobRow(props: IRowProps & { job: IJob; onDismiss?(): void }): JSX.Element {
  const { job, trans, width } = props;
  const isEnded = isTerminal(job.status);
  const now = useNow(isEnded ? (job.finished ?? job.created) : (job.started ?? job.created));
  const value = Math.min(99, Math.floor(job.progress ?? 0));
  const name = clean(job.processID, 120);
  return (
    <>
      <button {...rowAttributes(props, `job:${job.jobID}`)}>
        <Icon name={job.status} />
        <span className="jp-eodh-Text">
          <span className="jp-eodh-First">
            <span className="jp-eodh-Cut">
              {name}
              {width === 'wide' && (
                <code className="jp-eodh-Id" title={job.jobID}>
                  {job.jobID.slice(0, 8)}
                </code>
              )}
            </span>
            <span
              className="jp-eodh-When"
              title={absolute(isEnded ? (job.finished ?? job.created) : job.created)}
            >
              {rowTime(job, trans, now)}
            </span>
          </span>
          <span className="jp-eodh-Second">{rowWords(job, width, trans)}</span>
          {!isEnded && (
            <span className="jp-eodh-RowBar">
              <span style={{ width: `${value}%` }}>
                <span className="jp-eodh-Hidden">{trans.__('%1 percent', value)}</span>
              </span>
            </span>
          )}
        </span>
      </button>
      {props.onDismiss && (
        <button
          type="button"
          className="jp-eodh-Button jp-mod-icon jp-eodh-RowAction"
          tabIndex={-1}
          title={trans.__('Dismiss')}
          aria-label={trans.__('Dismiss %1', name)}
          onClick={props.onDismiss}
        >
          <stopIcon.react tag="span" />
        </button>
      )}
    </>
  );
}

/** A deployed process. */
export function ProcessRow(props: IRowProps & { process: IProcess }): JSX.Element {
  const { process, trans, width } = props;
  const now = useNow(process.created ?? null);
  const about = clean(process.title || process.description, 200);
  return (
    <>
      <button {...rowAttributes(props, `process:${process.id}`)} title={about || undefined}>
        <Icon name="process" />
        <span className="jp-eodh-Text">
          <span className="jp-eodh-First">
            <span className="jp-eodh-Cut">
              {clean(process.id, 120)}
              {width === 'wide' && process.revision !== undefined && (
                <span className="jp-eodh-Revision">{trans.__('rev %1', process.revision)}</span>
              )}
            </span>
            {process.created && (
              <span className="jp-eodh-When" title={absolute(process.created)}>
                {ago(process.created, now)}
              </span>
            )}
          </span>
          {width === 'wide' && <span className="jp-eodh-Second">{about}</span>}
        </span>
      </button>
      <button
        type="button"
        className="jp-eodh-Button jp-eodh-RowAction"
        tabIndex={-1}
        aria-label={trans.__('Launch %1', clean(process.id, 120))}
        onClick={props.onOpen}
      >
        <runIcon.react tag="span" />
        {trans.__('Launch')}
      </button>
    </>
  );
}
