import * as React from 'react';
import { fileSize } from '../model/format';
import { IJobState } from '../model/job';
import { clean } from '../model/words';
import { isTerminal, IStep } from '../model/wire';
import { Icon } from '../ui/parts';
import { useSignal, useWidth } from './hooks';
import { LogSource } from './log-source';
import { LogView } from './log-view';
import { findRow, IRow, logOf, rowsOf, shownRows } from './rows';
import { rowIcon, rowWord } from './step-words';
import { useVirtualRows, VirtualRows } from './virtual';
import { PageView } from './view';

const NARROW_PX = 600;
const ROW_PX = 22;
const MOST_ROWS = 80;
/** Entries of the menu of steps in a narrow page. */
const MOST_ENTRIES = 300;

/** The logs of the steps, one at a time. */
export function Log({ view, state }: { view: PageView; state: IJobState }): JSX.Element {
  const { trans } = view.workflows;
  const [ref, width] = useWidth();
  useSignal(view.seen);
  const tree = React.useMemo(() => rowsOf(state), [state]);
  const row = view.place.step === null ? null : findRow(tree, view.place.step);
  // What is read does not change by itself: of several runs, the one that was chosen at first stays.
  const pinned = React.useRef<{ key: string | null; path: string } | null>(null);
  if (pinned.current?.key !== view.place.step) {
    pinned.current = null;
  }
  const path = pinned.current?.path ?? (row ? logOf(row) : newest(state))?.path;
  const step = (path !== undefined && state.steps.get(path)) || null;
  if (step && path !== undefined) {
    pinned.current = { key: view.place.step, path };
  }
  const log = step?.log ?? null;
  const { runner } = view.workflows;
  // A new attempt has a new log under the same name.
  const attempt = step?.attempt ?? 1;
  const source = React.useMemo(
    () => (log ? new LogSource(runner, view.jobID, log) : null),
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [runner, view.jobID, log, attempt]
  );
  React.useEffect(() => (source && view.isSeen ? source.follow() : undefined), [source, view, view.isSeen]);
  const isNarrow = width < NARROW_PX;
  return (
    <div className={`jp-eodh-PageLog ${isNarrow ? 'jp-mod-narrow' : ''}`} ref={ref}>
      {isNarrow ? (
        <StepMenu view={view} tree={tree} step={step} />
      ) : (
        <StepList view={view} state={state} tree={tree} step={step} />
      )}
      {source && step ? (
        <LogView
          key={`${source.path} ${attempt}`}
          view={view}
          source={source}
          step={step}
          isNarrow={isNarrow}
        />
      ) : (
        <p className="jp-eodh-PageEmpty">
          {row
            ? trans.__(
                '%1 has no log: %2.',
                clean(row.label, 80),
                rowWord(row, state.job.status, trans).toLowerCase()
              )
            : isTerminal(state.job.status)
              ? trans.__('No step of this job began.')
              : trans.__('No step has begun yet.')}
        </p>
      )}
    </div>
  );
}

/** Give the step whose log is shown before one is chosen: the failed one, else the newest. */
function newest(state: IJobState): IStep | null {
  const begun = [...state.steps.values()].filter(step => step.log && step.state !== 'waiting');
  return (
    begun.find(step => step.state === 'failed') ??
    begun.filter(step => step.state === 'running').pop() ??
    begun[begun.length - 1] ??
    null
  );
}

interface IListProps {
  view: PageView;
  tree: IRow[];
  step: IStep | null;
}

function StepList({ view, state, tree, step }: IListProps & { state: IJobState }): JSX.Element {
  const { trans } = view.workflows;
  // Parts are listed below the step that is looked at.
  const folds = new Map<string, boolean>();
  const each = (rows: IRow[]) =>
    rows.forEach(row => {
      folds.set(row.key, row.isScatter && !row.runs.some(run => run.path === step?.path));
      each(row.children);
    });
  each(tree);
  const shown = shownRows(tree, folds);
  const selected = shown.reduce((found, row, at) => (isShown(row, step, view) ? at : found), -1);
  const rows = useVirtualRows(shown.length, ROW_PX, MOST_ROWS);
  const onKeyDown = (event: React.KeyboardEvent) => {
    const moves: Record<string, number> = {
      ArrowDown: selected + 1,
      ArrowUp: selected - 1,
      Home: 0,
      End: shown.length - 1
    };
    if (event.key in moves) {
      event.preventDefault();
      const next = Math.max(0, Math.min(shown.length - 1, moves[event.key]));
      view.go({ step: shown[next].key });
      rows.show(next);
    }
  };
  const idOf = (row: IRow) => `eodh-log-${view.jobID}-${encodeURIComponent(row.key)}`;
  const draw = (at: number) => {
    const row = shown[at];
    const own = row.children.length === 0 ? row.runs[0] : undefined;
    return (
      <div
        key={row.key}
        id={idOf(row)}
        role="option"
        aria-selected={at === selected}
        aria-setsize={shown.length}
        aria-posinset={at + 1}
        className="jp-eodh-PageLogStep"
        style={{ paddingLeft: 8 + (row.level - 1) * 16 }}
        title={rowWord(row, state.job.status, trans)}
        onClick={() => view.go({ step: row.key })}
      >
        <Icon name={rowIcon(row)} />
        <span className="jp-eodh-PageGrow jp-eodh-PageCut">
          {clean(row.label, 80)}
          <span className="jp-eodh-Hidden">, {rowWord(row, state.job.status, trans)}</span>
        </span>
        <span className="jp-eodh-PageMuted">
          {own?.log_size_bytes !== undefined ? fileSize(own.log_size_bytes) : ''}
        </span>
      </div>
    );
  };
  return (
    <VirtualRows
      rows={rows}
      draw={draw}
      className="jp-eodh-PageLogSteps"
      role="listbox"
      aria-label={trans.__('Steps')}
      aria-activedescendant={selected >= 0 ? idOf(shown[selected]) : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
    />
  );
}

function StepMenu({ view, tree, step }: IListProps): JSX.Element {
  const { trans } = view.workflows;
  const shown = shownRows(tree, new Map()).slice(0, MOST_ENTRIES);
  return (
    <div className="jp-eodh-PageToolbar">
      <select
        className="jp-eodh-PageSelect jp-eodh-PageGrow"
        aria-label={trans.__('Step')}
        value={view.place.step ?? step?.path ?? ''}
        onChange={event => view.go({ step: event.target.value })}
      >
        {[...shown.map(row => row.key), ...(step && !findRow(shown, step.path) ? [step.path] : [])].map(
          key => (
            <option key={key} value={key}>
              {clean(key, 80)}
            </option>
          )
        )}
      </select>
    </div>
  );
}

function isShown(row: IRow, step: IStep | null, view: PageView): boolean {
  return (
    view.place.step === row.key || (row.children.length === 0 && row.runs[0]?.path === step?.path && !!step)
  );
}
