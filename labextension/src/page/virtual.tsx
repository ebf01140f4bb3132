import * as React from 'react';
import { useUnit } from './hooks';
import { RowScroll } from './scroll';

/** A bar that rests this long is put where it belongs. */
const REST_MS = 150;

export interface IVirtualRows {
  scroll: RowScroll;
  /** The element that scrolls; null before it is drawn. */
  outer: React.RefObject<HTMLDivElement>;
  /** Put the bar where the rows are, and draw. */
  settle(): void;
  /** Bring a row into view. */
  show(row: number): void;
}

/** Keep which rows of very many are in view; their height grows with the font. */
export function useVirtualRows(count: number, rowPx: number, mostRows: number): IVirtualRows {
  const rowHeight = Math.round(rowPx * useUnit());
  const scroll = React.useMemo(() => new RowScroll(rowHeight, mostRows), [rowHeight, mostRows]);
  const outer = React.useRef<HTMLDivElement>(null);
  const [, draw] = React.useReducer((turn: number) => turn + 1, 0);
  if (scroll.count !== count) {
    scroll.count = count;
    if (scroll.row >= count) {
      scroll.toEnd();
    }
  }
  const settle = React.useCallback(() => {
    const node = outer.current;
    if (node) {
      const top = scroll.settled();
      if (Math.abs(node.scrollTop - top) > 1) {
        node.scrollTop = top;
      }
    }
    draw();
  }, [scroll]);
  React.useLayoutEffect(() => {
    const node = outer.current;
    if (!node) {
      return;
    }
    const observer = new ResizeObserver(() => {
      if (node.clientHeight !== scroll.view) {
        const wasAtEnd = scroll.view > 0 && scroll.isAtEnd && scroll.row > 0;
        scroll.view = node.clientHeight;
        scroll.heights.clear();
        if (wasAtEnd) {
          scroll.toEnd();
        }
        settle();
      }
    });
    observer.observe(node);
    return () => observer.disconnect();
  }, [scroll, settle]);
  const show = React.useCallback(
    (row: number) => {
      scroll.show(row);
      settle();
    },
    [scroll, settle]
  );
  return React.useMemo(() => ({ scroll, outer, settle, show }), [scroll, settle, show]);
}

type IProps = React.HTMLAttributes<HTMLDivElement> & {
  rows: IVirtualRows;
  /** Draw one row; it has the usual height unless `isWrapped`. */
  draw(row: number): React.ReactNode;
  onMove?(): void;
  isWrapped?: boolean;
};

/** The rows in view, below a bar that knows of all of them. */
export function VirtualRows({ rows, draw, onMove, isWrapped, ...rest }: IProps): JSX.Element {
  const { scroll, outer, settle } = rows;
  const [, redraw] = React.useReducer((turn: number) => turn + 1, 0);
  const inner = React.useRef<HTMLDivElement>(null);
  const timer = React.useRef(0);
  React.useEffect(() => () => window.clearTimeout(timer.current), []);
  React.useLayoutEffect(() => {
    if (!isWrapped) {
      scroll.heights.clear();
      return;
    }
    const wasAtEnd = scroll.isAtEnd;
    let isNew = false;
    [...(inner.current?.children ?? [])].forEach((child, at) => {
      const height = (child as HTMLElement).offsetHeight;
      const row = scroll.row + at;
      if (height > 0 && height !== (scroll.heights.get(row) ?? scroll.rowHeight)) {
        scroll.heights.set(row, height);
        isNew = true;
      }
    });
    if (isNew) {
      if (wasAtEnd) {
        scroll.toEnd();
      }
      settle();
    }
  });
  const onScroll = () => {
    const top = outer.current?.scrollTop ?? 0;
    scroll.take(top);
    onMove?.();
    redraw();
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(settle, REST_MS);
  };
  const shown: React.ReactNode[] = [];
  for (let row = scroll.row; row < scroll.last; row++) {
    shown.push(draw(row));
  }
  return (
    <div
      {...rest}
      className={`jp-eodh-PageRows ${rest.className ?? ''}`}
      style={{ '--eodh-row': `${scroll.rowHeight}px` } as React.CSSProperties}
      ref={outer}
      onScroll={onScroll}
    >
      <div role="presentation" style={{ height: scroll.size }}>
        <div
          role="presentation"
          className="jp-eodh-PageRowsView"
          style={{ height: Math.min(scroll.view, isWrapped ? Infinity : scroll.size) }}
        >
          <div role="presentation" ref={inner} style={{ transform: `translateY(${-scroll.into}px)` }}>
            {shown}
          </div>
        </div>
      </div>
    </div>
  );
}
