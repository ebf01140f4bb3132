import * as React from 'react';
import { jobFacts, statusWord, clean, ITrans } from '../model/words';
import { absolute, ago } from '../model/format';
import { IJob, isTerminal } from '../model/wire';
import { IconName, shapeOf } from './icons';
import { useNow } from './clock';

/** The icon of a state or thing; its word stands beside it. */
export function Icon(props: { name: IconName }): JSX.Element {
  return (
    <svg
      viewBox="0 0 16 16"
      width="16"
      height="16"
      aria-hidden="true"
      className={`jp-eodh-Icon jp-eodh-is-${props.name}`}
      dangerouslySetInnerHTML={{ __html: shapeOf(props.name) }}
    />
  );
}

type IButtonProps = React.ButtonHTMLAttributes<HTMLButtonElement> & {
  icon?: IconName;
  /** At most one filled button in a view. */
  kind?: 'plain' | 'filled' | 'danger' | 'flat';
};

export function Button({ icon, kind, children, className, ...rest }: IButtonProps): JSX.Element {
  const classes = ['jp-eodh-Button', kind ? `jp-mod-${kind}` : '', children ? '' : 'jp-mod-icon', className];
  return (
    <button type="button" {...rest} className={classes.filter(Boolean).join(' ')}>
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

/** Icon, name, short id; under it the state's word and the facts: the same everywhere. */
export function JobLine(
  props: React.PropsWithChildren<{
    job: IJob;
    trans: ITrans;
    isOffline?: boolean;
    withId?: boolean;
    /** Facts behind the others, such as times that go on. */
    more?: React.ReactNode;
  }>
): JSX.Element {
  const { job, trans } = props;
  const now = useNow(isTerminal(job.status) ? null : job.created);
  const facts = jobFacts(job, trans, now);
  return (
    <div className="jp-eodh-JobLine">
      <Icon name={props.isOffline ? 'offline' : job.status} />
      <div className="jp-eodh-Text">
        <div className="jp-eodh-Name">
          {clean(job.processID, 120)}
          {props.withId !== false && (
            <code className="jp-eodh-Id" title={job.jobID}>
              {job.jobID.slice(0, 8)}
            </code>
          )}
        </div>
        <div className="jp-eodh-Facts">
          <b>{statusWord(job.status, trans)}</b>
          {facts.map(fact => ` · ${fact}`).join('')}
          {props.more}
        </div>
      </div>
      {props.children}
    </div>
  );
}

export function Bar(props: { job: IJob; trans: ITrans }): JSX.Element {
  const { job, trans } = props;
  const value = job.status === 'successful' ? 100 : Math.min(99, Math.floor(job.progress ?? 0));
  return (
    <div
      className="jp-eodh-Bar"
      role="progressbar"
      aria-label={trans.__('Progress of %1', clean(job.processID, 120))}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={value}
      aria-valuetext={trans.__('%1 percent', value)}
    >
      <div style={{ width: `${value}%` }} />
    </div>
  );
}

/** How long ago, with the whole time on hover and for readers. */
export function Ago(props: { time: string }): JSX.Element {
  const now = useNow(props.time);
  return (
    <time dateTime={props.time} title={absolute(props.time)} className="jp-eodh-Ago">
      {ago(props.time, now)}
    </time>
  );
}

/** Something to know, with at most one thing to do. */
export function Note(
  props: React.PropsWithChildren<{ icon?: IconName; kind?: 'bad' | 'wait' | 'info' }>
): JSX.Element {
  return (
    <div className={`jp-eodh-Note jp-mod-${props.kind ?? 'info'}`}>
      {props.icon && <Icon name={props.icon} />}
      <div className="jp-eodh-Text">{props.children}</div>
    </div>
  );
}
