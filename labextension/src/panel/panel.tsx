import * as React from 'react';
import { ReactWidget } from '@jupyterlab/apputils';
import { pathOf } from '../model/runner';
import { IEvent, IJob, IProcess, IRunnerState, isTerminal } from '../model/wire';
import { IWorkflows } from '../tokens';
import { Bar, Button, Icon, JobLine, Note } from '../ui/parts';
import { workflowIcon } from '../ui/lab-icon';

const PAUSE_MS = 200;

/** The side panel: what runs, what can run, what ran. */
export class WorkflowPanel extends ReactWidget {
  constructor(private _workflows: IWorkflows) {
    super();
    const { trans } = _workflows;
    this.id = 'eodh-panel';
    this.addClass('jp-eodh');
    this.title.icon = workflowIcon;
    this.title.caption = trans.__('Workflows');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Workflows'));
  }

  protected render(): JSX.Element {
    return <Panel workflows={this._workflows} />;
  }
}

function Panel({ workflows }: { workflows: IWorkflows }): JSX.Element {
  const { runner, stream, trans } = workflows;
  const [state, setState] = React.useState<IRunnerState>({ state: 'starting', message: '' });
  const [processes, setProcesses] = React.useState<IProcess[]>([]);
  const [jobs, setJobs] = React.useState<IJob[]>([]);

  const load = React.useCallback(async () => {
    try {
      const status = await runner.request<IRunnerState>('status');
      setState(status);
      if (status.state === 'down') {
        return;
      }
      const [found, ran] = await Promise.all([
        runner.request<{ processes: IProcess[] }>('processes'),
        runner.request<{ jobs: IJob[] }>('jobs?limit=50')
      ]);
      setProcesses(found.processes);
      setJobs(ran.jobs);
    } catch (error) {
      setState({ state: 'down', message: String((error as Error).message) });
    }
  }, [runner]);

  React.useEffect(() => {
    let timer = 0;
    const soon = () => {
      timer = timer || window.setTimeout(() => ((timer = 0), void load()), PAUSE_MS);
    };
    void load();
    const end = stream.follow(null, {
      onOpen: soon,
      onEvent: (event: IEvent) => {
        if (event.kind === 'progress') {
          const { progress, message } = event.data;
          setJobs(old => old.map(job => (job.jobID === event.jobID ? { ...job, progress, message } : job)));
        } else if (event.kind !== 'log') {
          soon();
        }
      }
    });
    return () => {
      window.clearTimeout(timer);
      end();
    };
  }, [load, stream]);

  const dismiss = (job: IJob) =>
    void runner.request(pathOf('jobs', job.jobID), { method: 'DELETE' }).then(load, load);
  const live = jobs.filter(job => !isTerminal(job.status));
  const ended = jobs.filter(job => isTerminal(job.status));
  return (
    <div className="jp-eodh-Panel">
      <div className="jp-eodh-Head">
        <h2>{trans.__('Workflows')}</h2>
        <Button onClick={() => void load()}>{trans.__('Refresh')}</Button>
      </div>
      <div className="jp-eodh-Body">
        {state.state === 'down' && (
          <Note icon="offline">
            <b>{trans.__('No runner.')}</b> {state.message} {state.remedy}
          </Note>
        )}
        {live.length > 0 && (
          <Section title={trans.__('Live')}>
            {live.map(job => (
              <li className="jp-eodh-Row" key={job.jobID}>
                <JobLine job={job} trans={trans}>
                  <Button onClick={() => dismiss(job)}>{trans.__('Dismiss')}</Button>
                </JobLine>
                <Bar job={job} trans={trans} />
              </li>
            ))}
          </Section>
        )}
        <Section title={trans.__('Processes')}>
          {processes.map(process => (
            <li className="jp-eodh-Row" key={process.id}>
              <div className="jp-eodh-JobLine">
                <Icon name="process" />
                <div className="jp-eodh-Text">
                  <div className="jp-eodh-Name">{process.id}</div>
                  <div className="jp-eodh-Facts">{process.title}</div>
                </div>
              </div>
            </li>
          ))}
        </Section>
        <Section title={trans.__('Jobs')}>
          {ended.map(job => (
            <li className="jp-eodh-Row" key={job.jobID}>
              <JobLine job={job} trans={trans} />
            </li>
          ))}
        </Section>
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
