import * as React from 'react';
import { IJobState } from '../model/job';
import { grouped } from '../model/format';
import { FailureNote } from './failure';
import { GraphPane } from './graph-pane';
import { findRow, logOf, rowsOf } from './rows';
import { StepsTable } from './steps-table';
import { PageView } from './view';

/** The graph and its text twin, with one selection. */
export function Overview({ view, state }: { view: PageView; state: IJobState }): JSX.Element {
  const tree = React.useMemo(() => rowsOf(state), [state]);
  const openLog = (id: string) => {
    const row = findRow(tree, id);
    view.go({ tab: 'log', step: (row && logOf(row)?.path) ?? id });
  };
  return (
    <div className="jp-eodh-PageOverview">
      <FailureNote view={view} state={state} />
      <GraphPane view={view} state={state} summary={summary(view, state, tree.length)} onOpen={openLog} />
      <StepsTable view={view} state={state} tree={tree} onOpen={openLog} />
    </div>
  );
}

function summary(view: PageView, state: IJobState, steps: number): string {
  const { trans } = view.workflows;
  const runs = [...state.steps.values()];
  const facts = [
    trans._n('%1 step', '%1 steps', steps),
    trans._n('%1 step run', '%1 step runs', runs.length)
  ];
  const count = (name: string) => runs.filter(step => step.state === name).length;
  if (count('reused')) {
    facts.push(trans.__('%1 reused', grouped(count('reused'))));
  }
  if (count('failed')) {
    facts.push(trans.__('%1 failed', grouped(count('failed'))));
  }
  return facts.join(' · ');
}
