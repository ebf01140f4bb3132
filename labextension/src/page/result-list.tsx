import * as React from 'react';
import { fileSize, grouped } from '../model/format';
import { clean } from '../model/words';
import { IEntry } from '../model/wire';
import { Icon } from '../ui/parts';
import { isZarr } from './python';
import { IResultRow, keyOf, ResultTree } from './result-tree';
import { useVirtualRows, VirtualRows } from './virtual';
import { PageView } from './view';

const ROW_PX = 24;
const MOST_ROWS = 80;

interface IProps {
  view: PageView;
  tree: ResultTree;
  selected: string[] | null;
}

/** The results as a tree; folders are listed when they are opened, page by page. */
export function ResultList({ view, tree, selected }: IProps): JSX.Element {
  const { trans } = view.workflows;
  const shown = tree.rows();
  const rows = useVirtualRows(shown.length, ROW_PX, MOST_ROWS);
  const key = selected && keyOf(selected);
  const at = shown.findIndex(row => row.entry && keyOf(row.path) === key);
  const { scroll } = rows;
  const [first, last] = [scroll.row, scroll.last];
  const rest = shown.slice(first, last).find(row => row.entry === null && !row.error);
  React.useEffect(() => {
    if (rest) {
      void tree.more(rest.path);
    }
  });
  const select = (to: number) => {
    const row = shown[Math.max(0, Math.min(to, shown.length - 1))];
    if (row?.entry) {
      view.go({ path: keyOf(row.path) });
      rows.show(shown.indexOf(row));
    }
  };
  const toggle = (row: IResultRow) => {
    if (row.entry?.kind === 'directory') {
      if (row.isOpen) {
        tree.close(row.path);
      } else {
        void tree.open(row.path);
      }
    }
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const row = shown[at];
    const moves: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: 0,
      End: shown.length - 1,
      PageDown: at + 10,
      PageUp: at - 10
    };
    if (event.key in moves) {
      select(moves[event.key]);
    } else if (row && (event.key === 'Enter' || event.key === ' ')) {
      toggle(row);
    } else if (row && event.key === 'ArrowRight' && row.entry?.kind === 'directory') {
      if (row.isOpen) {
        select(at + 1);
      } else {
        toggle(row);
      }
    } else if (row && event.key === 'ArrowLeft') {
      if (row.isOpen) {
        toggle(row);
      } else if (row.path.length > 1) {
        select(shown.findIndex(other => other.entry && keyOf(other.path) === keyOf(row.path.slice(0, -1))));
      }
    } else {
      return;
    }
    event.preventDefault();
  };
  const idOf = (row: IResultRow) => `eodh-result-${view.jobID}-${encodeURIComponent(keyOf(row.path))}`;
  const draw = (index: number) => {
    const row = shown[index];
    const indent = { paddingLeft: 8 + (row.level - 1) * 16 };
    if (!row.entry) {
      return (
        <div
          key={`${keyOf(row.path)}/`}
          role="treeitem"
          aria-level={row.level}
          aria-selected={false}
          className="jp-eodh-PageResultRow"
          style={indent}
        >
          <span className="jp-eodh-PageMuted jp-eodh-PageCut">
            {row.error ? clean(row.error.message, 200) : trans.__('Listing…')}
          </span>
        </div>
      );
    }
    const isFolder = row.entry.kind === 'directory';
    return (
      <div
        key={keyOf(row.path)}
        id={idOf(row)}
        role="treeitem"
        aria-level={row.level}
        aria-selected={index === at}
        aria-expanded={isFolder ? row.isOpen : undefined}
        className="jp-eodh-PageResultRow"
        style={indent}
        onClick={() => view.go({ path: keyOf(row.path) })}
        onDoubleClick={() => toggle(row)}
      >
        <span className="jp-eodh-PageFold" onClick={() => toggle(row)}>
          {isFolder && <Icon name={row.isOpen ? 'unfolded' : 'folded'} />}
        </span>
        <Icon name={iconOf(row.entry)} />
        <span className="jp-eodh-PageGrow jp-eodh-PageCut" title={clean(row.entry.name, 300)}>
          {clean(row.entry.name, 200)}
          {row.entry.basename && <span className="jp-eodh-PageMuted"> {clean(row.entry.basename, 200)}</span>}
        </span>
        <span className="jp-eodh-PageMuted jp-eodh-PageCut">{factOf(row)}</span>
      </div>
    );
  };
  return (
    <VirtualRows
      rows={rows}
      draw={draw}
      className="jp-eodh-PageResultList"
      role="tree"
      aria-label={trans.__('Results')}
      aria-activedescendant={at >= 0 ? idOf(shown[at]) : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
    />
  );
}

function factOf(row: IResultRow): string {
  const { entry, total } = row;
  if (entry?.kind === 'value') {
    return clean(typeof entry.value === 'string' ? entry.value : JSON.stringify(entry.value), 40);
  }
  if (entry?.kind === 'directory') {
    return total === undefined ? '' : grouped(total);
  }
  return entry?.size_bytes === undefined ? '' : fileSize(entry.size_bytes);
}

function iconOf(entry: IEntry): string {
  const type = entry.media_type ?? '';
  if (entry.kind !== 'file') {
    return entry.kind !== 'directory' ? 'value' : isZarr(entry) ? 'raster' : 'folder';
  }
  return type.startsWith('image/')
    ? 'raster'
    : /csv|parquet|spreadsheet|tab-separated/.test(type)
      ? 'table'
      : /json/.test(type)
        ? 'stac'
        : 'text';
}
