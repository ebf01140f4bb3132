import * as React from 'react';
import { ReactWidget } from '@jupyterlab/apputils';
import { ServerConnection } from '@jupyterlab/services';
import { TranslationBundle } from '@jupyterlab/translation';
import { StateIcon, workflowIcon } from './icon';
import { IJob, IProcess, IRunnerState, request } from './runner';
import { IEvent, WorkspaceStream } from './stream';

const LIVE = ['accepted', 'running'];

interface IProps {
  settings: ServerConnection.ISettings;
  trans: TranslationBundle;
}

/** The side panel: what runs, what can run, what ran. */
export class WorkflowPanel extends ReactWidget {
  constructor(private _props: IProps) {
    super();
    this.id = 'eodh-panel';
    this.title.icon = workflowIcon;
    this.title.caption = _props.trans.__('Workflows');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', _props.trans.__('Workflows'));
  }

  protected render(): JSX.Element {
    return <Panel {...this._props} />;
  }
}

function Panel({ settings, trans }: IProps): JSX.Element {
  const [state, setState] = React.useState<IRunnerState>({ state: 'starting', message: '' });
  const [processes, setProcesses] = React.useState<IProcess[]>([]);
  const [jobs, setJobs] = React.useState<IJob[]>([]);
  const [isConnected, setConnected] = React.useState(true);

  const load = React.useCallback(async () => {
    try {
      const status = await request<IRunnerState>(settings, 'status');
      setState(status);
      if (status.state === 'down') {
        return;
      }
      const [found, ran] = await Promise.all([
        request<{ processes: IProcess[] }>(settings, 'processes'),
        request<{ jobs: IJob[] }>(settings, 'jobs?limit=50')
      ]);
      setProcesses(found.processes);
      setJobs(ran.jobs);
    } catch (error) {
      setState({ state: 'down', message: String((error as Error).message) });
    }
  }, [settings]);

  React.useEffect(() => {
    void load();
    const onEvent = (event: IEvent) => {
      const { data, jobID } = event;
      if (event.kind === 'progress') {
        setJobs(old => old.map(job => (job.jobID === jobID ? { ...job, ...progressOf(data) } : job)));
      } else {
        void load();
      }
    };
    const stream = new WorkspaceStream(settings, onEvent, connected => {
      setConnected(connected);
      if (connected) {
        void load();
      }
    });
    return () => stream.dispose();
  }, [load, settings]);

  const dismiss = (job: IJob) =>
    void request(settings, `jobs/${job.jobID}`, { method: 'DELETE' }).then(load, load);
  const live = jobs.filter(job => LIVE.includes(job.status));
  const ended = jobs.filter(job => !LIVE.includes(job.status));
  return (
    <div className="jp-eodh-Panel">
      <div className="jp-eodh-Head">
        <h2>{trans.__('Workflows')}</h2>
        <button className="jp-eodh-Button" onClick={() => void load()}>
          {trans.__('Refresh')}
        </button>
      </div>
      <div className="jp-eodh-Body">
        <div aria-live="polite">
          {state.state === 'down' && (
            <p className="jp-eodh-Note">
              <b>{trans.__('No runner.')}</b> {state.message}
            </p>
          )}
          {!isConnected && state.state !== 'down' && (
            <p className="jp-eodh-Note">{trans.__('Connection lost. Jobs go on.')}</p>
          )}
        </div>
        {live.length > 0 && (
          <Section title={trans.__('Live')}>
            {live.map(job => (
              <JobRow key={job.jobID} job={job} trans={trans} onDismiss={() => dismiss(job)} />
            ))}
          </Section>
        )}
        <Section title={trans.__('Processes')}>
          {processes.map(process => (
            <li className="jp-eodh-Row" key={process.id}>
              <StateIcon name="process" />
              <div className="jp-eodh-Text">
                <div className="jp-eodh-Name">{process.id}</div>
                <div className="jp-eodh-Facts">
                  {process.title} · {process.version}
                </div>
              </div>
            </li>
          ))}
        </Section>
        <Section title={trans.__('Jobs')}>
          {ended.map(job => (
            <JobRow key={job.jobID} job={job} trans={trans} />
          ))}
        </Section>
        {ended.length === 0 && live.length === 0 && (
          <p className="jp-eodh-Note">
            {trans.__('No jobs yet. Launch one with %workflow launch in a notebook.')}
          </p>
        )}
      </div>
    </div>
  );
}

function Section(props: React.PropsWithChildren<{ title: string }>): JSX.Element {
  return (
    <section className="jp-eodh-Section" aria-label={props.title}>
      <h3>{props.title}</h3>
      <ul>{props.children}</ul>
    </section>
  );
}

function JobRow(props: { job: IJob; trans: TranslationBundle; onDismiss?: () => void }): JSX.Element {
  const { job, trans, onDismiss } = props;
  const word = job.status.charAt(0).toUpperCase() + job.status.slice(1);
  const facts = job.failure?.message ?? (job.status === 'running' ? `${job.progress ?? 0} %` : '');
  return (
    <li className="jp-eodh-Row">
      <StateIcon name={job.status} />
      <div className="jp-eodh-Text">
        <div className="jp-eodh-Name">
          {job.processID} <code>{job.jobID.slice(0, 8)}</code>
        </div>
        <div className="jp-eodh-Facts" title={job.failure?.remedy}>
          <b>{word}</b>
          {facts && ` · ${facts}`}
        </div>
        {job.status === 'running' && (
          <div
            className="jp-eodh-Bar"
            role="progressbar"
            aria-label={job.processID}
            aria-valuenow={job.progress ?? 0}
          >
            <div style={{ width: `${job.progress ?? 0}%` }} />
          </div>
        )}
      </div>
      {onDismiss && (
        <button className="jp-eodh-Button" onClick={onDismiss}>
          {trans.__('Dismiss')}
        </button>
      )}
    </li>
  );
}

function progressOf(data: Record<string, any>): Partial<IJob> {
  return { progress: data.progress, message: data.message, status: 'running' };
}
