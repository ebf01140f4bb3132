import * as React from 'react';
import { grouped } from '../model/format';
import { clean, heldReason } from '../model/words';
import { useNow } from '../ui/clock';
import { Button, Note } from '../ui/parts';
import { PanelContext } from './context';

/** The lists stay, marked as old. */
export function Stale({ context }: { context: PanelContext }): JSX.Element {
  const { workspace, trans, remedies, stream } = context;
  const now = useNow(new Date().toISOString());
  const since = new Date(workspace.seenAt).toTimeString().slice(0, 5);
  const { nextTry } = stream;
  const wait = nextTry === null ? 0 : Math.max(0, Math.ceil((nextTry - now) / 1000));
  const state = workspace.status?.state;
  return (
    <div role="status">
      <Note icon="offline">
        {trans.__('Not up to date since %1.', since)}{' '}
        {stream.held
          ? heldReason(stream.held, trans)
          : !stream.isConnected
            ? wait > 0
              ? trans.__('Trying again in %1 s.', wait)
              : trans.__('Trying again.')
            : state === 'starting'
              ? trans.__('Starting the runner…')
              : clean(`${workspace.status?.message ?? ''} ${workspace.status?.remedy ?? ''}`)}{' '}
        {stream.held === 'signed-out' && (
          <Button icon="open" onClick={remedies.signIn}>
            {trans.__('Sign in')}
          </Button>
        )}
        {stream.isConnected && state !== 'starting' && (
          <Button onClick={remedies.start}>{trans.__('Start the runner')}</Button>
        )}
      </Note>
    </div>
  );
}

/** No list has anything that matches. */
export function NothingFound({ context }: { context: PanelContext }): JSX.Element {
  const { model, trans } = context;
  const query = model.filter.query.trim();
  return (
    <div className="jp-eodh-Empty" role="status">
      <p className="jp-eodh-Reason">
        {query ? (
          <>
            {trans.__('Nothing matches')} <b>{clean(query, 80)}</b>.
          </>
        ) : (
          trans.__('No job matches the filters.')
        )}
      </p>
      <p>
        {trans.__(
          'Searched names, job ids and input values of %1 processes and %2 jobs.',
          grouped(model.processTotal),
          grouped(model.total)
        )}
      </p>
      <Button onClick={() => model.clear()}>
        {query ? trans.__('Clear the search') : trans.__('Clear the filters')}
      </Button>
    </div>
  );
}
