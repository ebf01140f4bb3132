import * as React from 'react';
import { ago, percent } from '../model/format';
import { Trouble as Kind } from '../model/job';
import { heldReason, ITrans, statusWord } from '../model/words';
import { IRunnerState, isTerminal } from '../model/wire';
import { Button, Note } from '../ui/parts';
import { useNow } from '../ui/clock';
import { useAnswer, useSignal } from './hooks';
import { PageView } from './view';

/** A connection that is lost for less than this is not worth a word. */
const PATIENCE_MS = 3000;

/** Give what is wrong with the connection to the job, once it lasts. */
export function useTrouble(view: PageView): Kind {
  const { model, workflows } = view;
  useSignal(model.changed);
  useSignal(workflows.stream.stateChanged);
  const isLive = model.state !== null && !isTerminal(model.state.job.status);
  const isLost = model.trouble === 'unreachable' || (isLive && !workflows.stream.isConnected);
  const kind: Kind = model.trouble === 'unknown' ? 'unknown' : isLost ? 'unreachable' : 'none';
  const [shown, setShown] = React.useState<Kind>(kind === 'unreachable' ? 'none' : kind);
  React.useEffect(() => {
    const wait = kind === 'unreachable' ? PATIENCE_MS : 0;
    const timer = window.setTimeout(() => setShown(kind), wait);
    return () => window.clearTimeout(timer);
  }, [kind]);
  return shown;
}

/** What is wrong, in words, above what is known. */
export function Trouble({ view }: { view: PageView }): JSX.Element | null {
  const { model, workflows } = view;
  const { trans, announcer } = workflows;
  const trouble = useTrouble(view);
  const said = React.useRef<Kind>('none');
  React.useEffect(() => {
    if (trouble === 'unreachable') {
      announcer.polite(trans.__('Connection lost. The job goes on.'), 'connection');
    } else if (said.current === 'unreachable' && trouble === 'none') {
      announcer.polite(trans.__('Connected again.'), 'connection');
    }
    said.current = trouble;
  }, [announcer, trans, trouble]);
  if (trouble === 'none' || !model.state) {
    return null;
  }
  if (trouble === 'unknown') {
    return (
      <Note icon="offline">
        <b>{trans.__('Removed.')}</b>{' '}
        {trans.__('The runner no longer has this job. What was read before is shown.')}
      </Note>
    );
  }
  return <Lost view={view} />;
}

function Lost({ view }: { view: PageView }): JSX.Element {
  const { model, workflows } = view;
  const { trans, stream } = workflows;
  const now = useNow(new Date().toISOString());
  const job = model.state!.job;
  const seen = [statusWord(job.status, trans).toLowerCase()];
  if (job.progress !== undefined && !isTerminal(job.status)) {
    seen.push(percent(Math.min(99, job.progress)));
  }
  seen.push(ago(model.seenAt, now));
  const wait = stream.nextTry === null ? null : Math.max(0, Math.ceil((stream.nextTry - now) / 1000));
  return (
    <Note icon="offline">
      <p>
        <b>{trans.__('Reconnecting')}</b> · {trans.__('last seen %1', seen.join(', '))}
      </p>
      <p>
        {!isTerminal(job.status) && trans.__('The job goes on without this page.')}{' '}
        {stream.held && heldReason(stream.held, trans)}
        {wait !== null && trans.__('Trying again in %1 s.', wait)}{' '}
        <Button
          onClick={() => {
            stream.tryNow();
            void model.refresh();
          }}
        >
          {trans.__('Try now')}
        </Button>
      </p>
    </Note>
  );
}

/** What stands in the place of a job of which nothing is known. */
export function Missing({ view }: { view: PageView }): JSX.Element {
  const { model, workflows } = view;
  const { trans } = workflows;
  useSignal(model.changed);
  return (
    <div className="jp-eodh-PageEmpty">
      <h2>
        {trans.__('Job')} <code>{view.jobID}</code>
      </h2>
      {model.trouble === 'none' && <p aria-busy="true">{trans.__('Asking the runner…')}</p>}
      {model.trouble === 'unknown' && (
        <>
          <p>
            <b>{trans.__('Not found.')}</b>{' '}
            {trans.__(
              'This runner does not know the job. It may belong to another workspace, or have been removed.'
            )}
          </p>
          <Button icon="again" onClick={() => void model.refresh()}>
            {trans.__('Look again')}
          </Button>
        </>
      )}
      {model.trouble === 'unreachable' && <NoRunner view={view} trans={trans} />}
    </div>
  );
}

function NoRunner({ view, trans }: { view: PageView; trans: ITrans }): JSX.Element {
  const { runner } = view.workflows;
  const status = useAnswer('status', () => runner.request<IRunnerState>('status'));
  return (
    <>
      <p>
        <b>{trans.__('No answer from the runner.')}</b> {status.value?.message} {status.value?.remedy}
      </p>
      <p>{trans.__('Jobs and results are safe; this page asks again every 3 s.')}</p>
      <Button icon="again" onClick={() => void view.model.refresh()}>
        {trans.__('Try now')}
      </Button>
    </>
  );
}
