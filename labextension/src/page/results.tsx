import * as React from 'react';
import { IJobState } from '../model/job';
import { clean } from '../model/words';
import { isTerminal } from '../model/wire';
import { Button } from '../ui/parts';
import { useSignal, useWidth } from './hooks';
import { QuickLook } from './quick-look';
import { ResultList } from './result-list';
import { keyOf, ResultTree } from './result-tree';
import { PageView } from './view';

const NARROW_PX = 600;

/** The results: what there is, and a quick look at one of it. */
export function Results({ view, state }: { view: PageView; state: IJobState }): JSX.Element {
  const { trans, runner } = view.workflows;
  const [ref, width] = useWidth();
  const { status } = state.job;
  const tree = React.useMemo(
    () => new ResultTree(runner, view.jobID),
    // Results appear once, when the job succeeds.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [runner, view.jobID, status]
  );
  useSignal(tree.changed, 0);
  const path = view.place.path === null ? tree.first : view.place.path.split('/');
  const wanted = view.place.path ?? '';
  React.useEffect(() => {
    if (status === 'successful') {
      void tree.reveal(wanted.split('/'));
    }
  }, [tree, status, wanted]);
  if (status !== 'successful') {
    return (
      <p className="jp-eodh-PageEmpty">
        {!isTerminal(status)
          ? trans.__('Results come when the job has ended.')
          : trans.__('The job has no results: it is %1.', status)}
      </p>
    );
  }
  if (tree.error) {
    return (
      <div className="jp-eodh-PageEmpty">
        <p>{trans.__('The results cannot be listed: %1', clean(tree.error.message))}</p>
        <Button icon="again" onClick={() => void tree.more([])}>
          {trans.__('Try again')}
        </Button>
      </div>
    );
  }
  const isNarrow = width < NARROW_PX;
  const entry = path ? tree.find(path) : null;
  return (
    <div className={`jp-eodh-PageResults ${isNarrow ? 'jp-mod-narrow' : ''}`} ref={ref}>
      <ResultList view={view} tree={tree} selected={path} />
      {path && entry ? (
        <QuickLook key={keyOf(path)} view={view} path={path} entry={entry} />
      ) : (
        <p className="jp-eodh-PageEmpty jp-eodh-PageGrow">
          {path && tree.isListed
            ? trans.__('%1 is not among what is listed.', clean(keyOf(path), 200))
            : trans.__('Choose a result to look at it.')}
        </p>
      )}
    </div>
  );
}
