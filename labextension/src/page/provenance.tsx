import * as React from 'react';
import { absolute } from '../model/format';
import { IJobState } from '../model/job';
import { quoted } from '../form/magic';
import { pathOf } from '../model/runner';
import { clean } from '../model/words';
import { IRunnerState, IStep } from '../model/wire';
import { Button } from '../ui/parts';
import { useAnswer } from './hooks';
import { PageView } from './view';

/** Steps whose commands are listed; the rest is in the download. */
const MOST_STEPS = 100;

/** What ran, where, from which document. */
export function Provenance({ view, state }: { view: PageView; state: IJobState }): JSX.Element {
  const { trans, runner } = view.workflows;
  const { job } = state;
  const status = useAnswer('status', () => runner.request<IRunnerState>('status'));
  const health = status.value?.runner ?? {};
  const steps = [...state.steps.values()];
  const images = [...new Set(steps.flatMap(step => (step.image ? [step.image] : [])))];
  const executor = health.executor ?? {};
  const facts: [string, React.ReactNode][] = [
    [
      trans.__('Process'),
      `${clean(job.processID, 120)}${job.revision ? `, ${trans.__('revision %1', job.revision)}` : ''}${newer(view, state)}`
    ],
    [trans.__('Job'), <code key="id">{job.jobID}</code>],
    [trans.__('Launched'), absolute(job.created)],
    ...(job.started ? [[trans.__('Started'), absolute(job.started)] as [string, string]] : []),
    ...(job.finished ? [[trans.__('Ended'), absolute(job.finished)] as [string, string]] : []),
    [
      trans.__('Images'),
      images.length > 0
        ? images.map(image => clean(image, 300)).join(', ')
        : trans.__('none: commands of this computer')
    ],
    ...(status.value?.runner
      ? [
          [
            trans.__('Runner now'),
            [health.version, executor.kind ?? executor.name, executor.isolation]
              .filter(Boolean)
              .map(fact => clean(fact, 120))
              .join(', ')
          ] as [string, string]
        ]
      : [])
  ];
  return (
    <div className="jp-eodh-PageScroll" tabIndex={0} role="region" aria-label={trans.__('Provenance')}>
      <dl className="jp-eodh-PageFactList">
        {facts.map(([name, fact]) => (
          <React.Fragment key={name}>
            <dt>{name}</dt>
            <dd>{fact}</dd>
          </React.Fragment>
        ))}
      </dl>
      <div className="jp-eodh-PageActions jp-eodh-PagePad">
        <a
          className="jp-eodh-Button"
          href={runner.url(`${pathOf('jobs', job.jobID)}/package`)}
          download={`${job.processID}.cwl`}
        >
          {trans.__('Download the CWL of this revision')}
        </a>
        <Button icon="copy" onClick={() => view.copy(record(state))}>
          {trans.__('Copy as JSON')}
        </Button>
      </div>
      {steps.length > 0 && (
        <table className="jp-eodh-PageTable">
          <thead>
            <tr>
              <th scope="col">{trans.__('Step run')}</th>
              <th scope="col">{trans.__('Command')}</th>
              <th scope="col">{trans.__('Image')}</th>
            </tr>
          </thead>
          <tbody>
            {steps.slice(0, MOST_STEPS).map(step => (
              <tr key={step.path}>
                <th scope="row">{clean(step.path, 120)}</th>
                <td>
                  <code className="jp-eodh-PageValue">
                    {clean((step.command ?? []).map(quoted).join(' '), 2000)}
                  </code>
                </td>
                <td className="jp-eodh-PageMuted">{step.image ? clean(step.image, 200) : ''}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {steps.length > MOST_STEPS && (
        <p className="jp-eodh-PageMuted jp-eodh-PageFoot">
          {trans.__('and %1 more; "Copy as JSON" has all of them', steps.length - MOST_STEPS)}
        </p>
      )}
    </div>
  );
}

function newer(view: PageView, state: IJobState): string {
  const { trans } = view.workflows;
  const { revision, process_revision: deployed } = state.job;
  if (deployed === null) {
    return `; ${trans.__('the process is undeployed now')}`;
  }
  return deployed !== undefined && revision !== undefined && deployed !== revision
    ? `; ${trans.__('the deployed process is now revision %1', deployed)}`
    : '';
}

/** Give all that is known of what ran, for a record. */
function record(state: IJobState): string {
  const { job, steps } = state;
  const kept = (step: IStep) => ({
    path: step.path,
    state: step.state,
    attempt: step.attempt,
    command: step.command,
    image: step.image,
    exit_code: step.exit_code,
    started: step.started,
    finished: step.finished
  });
  const { jobID, processID, revision, status, created, started, finished, inputs } = job;
  const facts = { jobID, processID, revision, status, created, started, finished, inputs };
  return JSON.stringify({ ...facts, steps: [...steps.values()].map(kept) }, null, 2);
}
