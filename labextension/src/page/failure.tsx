import * as React from 'react';
import { IJobState } from '../model/job';
import { failureWords, report } from '../model/words';
import { CommandIDs } from '../tokens';
import { Button, Note } from '../ui/parts';
import { plainText } from './ansi';
import { PageView } from './view';

/** What went wrong, where it is written, and what to do. */
export function FailureNote({ view, state }: { view: PageView; state: IJobState }): JSX.Element | null {
  const { trans } = view.workflows;
  const { job } = state;
  if (job.status !== 'failed' || !job.failure) {
    return null;
  }
  const { heading, remedy } = failureWords(job.failure, trans);
  const line = job.failure.log_line ? plainText(job.failure.log_line).slice(0, 600) : null;
  const step = job.failure.step ?? null;
  return (
    <Note icon="failed" kind="bad">
      <p>
        <b>{heading}</b>
      </p>
      {line && <pre className="jp-eodh-PageWell">{line}</pre>}
      <p>
        <b>{trans.__('To fix it:')}</b> {remedy}
      </p>
      <div className="jp-eodh-PageActions">
        {view.can(CommandIDs.launchProcess) && (
          <Button
            icon="again"
            kind="filled"
            onClick={() =>
              view.run(CommandIDs.launchProcess, { processID: job.processID, fromJob: job.jobID })
            }
          >
            {trans.__('Run again with changes…')}
          </Button>
        )}
        {step && (
          <Button icon="log" onClick={() => view.go({ tab: 'log', step })}>
            {trans.__('Open log of %1', step)}
          </Button>
        )}
        <Button icon="copy" onClick={() => view.copy(report(job))}>
          {trans.__('Copy report')}
        </Button>
      </div>
    </Note>
  );
}
