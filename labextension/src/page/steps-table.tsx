import * as React from 'react';
import { IJobState } from '../model/job';
import { clean } from '../model/words';
import { isTerminal } from '../model/wire';
import { Button, Icon } from '../ui/parts';
import { useNow } from '../ui/clock';
import { useWidth } from './hooks';
import { countOf, isFolded, IRow, logOf, shownRows } from './rows';
import { rowIcon, rowMemory, rowTime, rowWord } from './step-words';
import { useVirtualRows, VirtualRows } from './virtual';
import { PageView } from './view';

const ROW_PX = 26;
const MOST_ROWS = 60;
/** More parts are one bar. */
const MOST_PARTS = 40;
const NARROW_PX = 600;

interface IProps {
  view: PageView;
  state: IJobState;
  tree: IRow[];
  onOpen(key: string): void;
}

/** The steps as a treegrid: the text form of the graph. */
export function StepsTable({ view, state, tree, onOpen }: IProps): JSX.Element {
  const { trans } = view.workflows;
  const [folds, setFolds] = React.useState<ReadonlyMap<string, boolean>>(new Map());
  const [ref, width] = useWidth();
  const now = useNow(isTerminal(state.job.status) ? null : new Date().toISOString());
  const shown = React.useMemo(() => shownRows(tree, folds), [tree, folds]);
  const rows = useVirtualRows(shown.length, ROW_PX, MOST_ROWS);
  const selected = shown.findIndex(row => row.key === view.place.step);
  const isNarrow = width < NARROW_PX;
  const fold = (row: IRow, isClosed: boolean) => setFolds(new Map(folds).set(row.key, isClosed));
  const openLog = (row: IRow) => onOpen(row.key);

  const select = (at: number) => {
    const next = Math.max(0, Math.min(at, shown.length - 1));
    view.go({ step: shown[next].key });
    rows.show(next);
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const row = shown[selected];
    const moves: Record<string, number> = {
      ArrowDown: selected + 1,
      ArrowUp: selected - 1,
      Home: 0,
      End: shown.length - 1,
      PageDown: selected + 10,
      PageUp: selected - 10
    };
    if (event.key in moves) {
      select(moves[event.key]);
    } else if (!row) {
      return;
    } else if (event.key === 'ArrowRight' && row.children.length > 0) {
      if (isFolded(row, folds)) {
        fold(row, false);
      } else {
        select(selected + 1);
      }
    } else if (event.key === 'ArrowLeft') {
      if (row.children.length > 0 && !isFolded(row, folds)) {
        fold(row, true);
      } else {
        select(parentOf(shown, selected));
      }
    } else if (event.key === 'Enter') {
      openLog(row);
    } else {
      return;
    }
    event.preventDefault();
  };

  const draw = (at: number) => {
    const row = shown[at];
    const isFoldable = row.children.length > 0;
    const name = clean(row.label, 120);
    return (
      <div
        key={row.key}
        id={idOf(view, row.key)}
        role="row"
        className="jp-eodh-PageGridRow"
        aria-level={row.level}
        aria-rowindex={at + 2}
        aria-selected={at === selected}
        aria-expanded={isFoldable ? !isFolded(row, folds) : undefined}
        onClick={() => view.go({ step: row.key })}
        onDoubleClick={() => openLog(row)}
      >
        <span role="gridcell" className="jp-eodh-PageCell" style={{ paddingLeft: 8 + (row.level - 1) * 20 }}>
          {isFoldable ? (
            <span
              className="jp-eodh-PageFold"
              onClick={event => {
                event.stopPropagation();
                fold(row, !isFolded(row, folds));
              }}
            >
              <Icon name={isFolded(row, folds) ? 'folded' : 'unfolded'} />
            </span>
          ) : (
            <span className="jp-eodh-PageFold" />
          )}
          <span
            className={row.runs.length > 0 && row.level === 1 ? 'jp-eodh-PageStrong' : ''}
            title={row.key}
          >
            {name}
          </span>
          {row.isScatter && row.children.length > 0 && (
            <span className="jp-eodh-PageMuted"> {trans.__('scatter %1', row.children.length)}</span>
          )}
        </span>
        <span role="gridcell" className="jp-eodh-PageCell">
          <Icon name={rowIcon(row)} /> {rowWord(row, state.job.status, trans)}
        </span>
        {!isNarrow && (
          <span role="gridcell" className="jp-eodh-PageCell">
            <Parts row={row} />
          </span>
        )}
        <span role="gridcell" className="jp-eodh-PageCell jp-mod-number">
          {rowTime(row, now)}
        </span>
        {!isNarrow && (
          <span role="gridcell" className="jp-eodh-PageCell jp-mod-number">
            {rowMemory(row, trans)}
          </span>
        )}
        {!isNarrow && (
          <span role="gridcell" className="jp-eodh-PageCell jp-mod-number">
            {logOf(row) && (
              <Button
                icon="log"
                kind="flat"
                tabIndex={-1}
                aria-label={trans.__('Log of %1', name)}
                title={trans.__('Log of %1', name)}
                onClick={() => openLog(row)}
              />
            )}
          </span>
        )}
      </div>
    );
  };

  const heads = isNarrow
    ? [trans.__('Step'), trans.__('State'), trans.__('Time')]
    : [trans.__('Step'), trans.__('State'), '', trans.__('Time'), trans.__('Memory'), ''];
  return (
    <div
      ref={ref}
      className={`jp-eodh-PageGrid jp-eodh-PageSteps ${isNarrow ? 'jp-mod-narrow' : ''}`}
      role="treegrid"
      aria-label={trans.__('Steps, the text form of the graph')}
      aria-rowcount={shown.length + 1}
      aria-activedescendant={selected >= 0 ? idOf(view, shown[selected].key) : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <div role="row" className="jp-eodh-PageGridRow jp-eodh-PageGridHead" aria-rowindex={1}>
        {heads.map((head, at) => (
          <span
            key={at}
            role="columnheader"
            className={`jp-eodh-PageCell ${at > (isNarrow ? 1 : 2) ? 'jp-mod-number' : ''}`}
          >
            {head || <span className="jp-eodh-Hidden">{at === 2 ? trans.__('Parts') : trans.__('Log')}</span>}
          </span>
        ))}
      </div>
      <VirtualRows
        rows={rows}
        draw={draw}
        role="rowgroup"
        tabIndex={rows.scroll.size > rows.scroll.view ? 0 : undefined}
      />
      {shown.length === 0 && <p className="jp-eodh-PageEmpty">{trans.__('No step has begun yet.')}</p>}
    </div>
  );
}

/** A strip of the parts of a scatter; its count stands beside it in words. */
function Parts({ row }: { row: IRow }): JSX.Element | null {
  if (row.runs.length < 2) {
    return null;
  }
  const [done, known] = countOf(row);
  if (known > MOST_PARTS) {
    return (
      <span className="jp-eodh-PageParts" aria-hidden="true">
        <i data-state="done" style={{ flex: done }} />
        <i style={{ flex: known - done }} />
      </span>
    );
  }
  return (
    <span className="jp-eodh-PageParts" aria-hidden="true">
      {row.runs.map(step => (
        <i key={step.path} data-state={step.state} />
      ))}
    </span>
  );
}

function parentOf(shown: IRow[], at: number): number {
  let above = at;
  while (above > 0 && shown[above].level >= shown[at].level) {
    above--;
  }
  return above;
}

function idOf(view: PageView, key: string): string {
  return `eodh-step-${view.jobID}-${encodeURIComponent(key)}`;
}
