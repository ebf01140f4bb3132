import * as React from 'react';
import { IJobState } from '../model/job';
import { report } from '../model/words';
import { isTerminal } from '../model/wire';
import { CommandIDs } from '../tokens';
import { Button, Ago, JobLine } from '../ui/parts';
import { useCommands } from './hooks';
import { Menu } from './menu';
import { pythonOfJob } from './python';
import { useTrouble } from './trouble';
import { PageView } from './view';

/** The job line, with what can be done. */
export function Head({ view, state }: { view: PageView; state: IJobState }): JSX.Element {
  const { trans } = view.workflows;
  const { job } = state;
  const trouble = useTrouble(view);
  useCommands(view);
  const isLive = !isTerminal(job.status);
  const isKnown = trouble !== 'unknown';
  const time = isLive ? (job.started ?? job.created) : job.finished;
  return (
    <div className="jp-eodh-PageHead">
      <JobLine
        job={job}
        trans={trans}
        isOffline={trouble !== 'none'}
        more={
          time && (
            <>
              {' · '}
              {isLive ? (job.started ? trans.__('started') : trans.__('launched')) : trans.__('ended')}{' '}
              <Ago time={time} />
            </>
          )
        }
      >
        <div className="jp-eodh-PageActions">
          {isKnown && isLive && view.can(CommandIDs.dismissJob) && (
            <Button icon="stop" onClick={() => view.run(CommandIDs.dismissJob)}>
              {trans.__('Dismiss')}
            </Button>
          )}
          {!isLive && view.can(CommandIDs.launchProcess) && (
            <Button
              icon="again"
              onClick={() =>
                view.run(CommandIDs.launchProcess, { processID: job.processID, fromJob: job.jobID })
              }
            >
              {trans.__('Run again…')}
            </Button>
          )}
          <Button icon="code" onClick={() => view.copy(pythonOfJob(job.jobID))}>
            {trans.__('Copy as Python')}
          </Button>
          <Menu
            label={trans.__('More')}
            items={[
              { label: trans.__('Copy id'), run: () => view.copy(job.jobID) },
              { label: trans.__('Copy report'), run: () => view.copy(report(job)) },
              { label: trans.__('Read again'), run: () => void view.model.refresh() },
              ...(isKnown && !isLive && view.can(CommandIDs.dismissJob)
                ? [{ label: trans.__('Remove from the lists…'), run: () => view.run(CommandIDs.dismissJob) }]
                : [])
            ]}
          />
        </div>
      </JobLine>
    </div>
  );
}
