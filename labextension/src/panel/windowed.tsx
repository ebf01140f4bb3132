import * as React from 'react';

/** Rows that are drawn beyond the edges of what is seen. */
const BEYOND = 6;

/** What is seen of the scrolled content, in pixels. */
export interface IView {
  top: number;
  height: number;
}

/** Follow what a scrolled element shows. */
export function useView(scroller: React.RefObject<HTMLElement>): IView {
  const [view, setView] = React.useState<IView>({ top: 0, height: 800 });
  React.useEffect(() => {
    const node = scroller.current;
    if (!node) {
      return;
    }
    let frame = 0;
    const look = () => {
      frame = frame || requestAnimationFrame(() => ((frame = 0), read()));
    };
    const read = () => {
      const { scrollTop: top, clientHeight: height } = node;
      setView(old => (old.top === top && old.height === height ? old : { top, height }));
    };
    const sizes = new ResizeObserver(look);
    sizes.observe(node);
    node.addEventListener('scroll', look, { passive: true });
    read();
    return () => {
      cancelAnimationFrame(frame);
      sizes.disconnect();
      node.removeEventListener('scroll', look);
    };
  }, [scroller]);
  return view;
}

interface IProps<T> {
  items: readonly T[];
  label: string;
  view: IView;
  keyOf(item: T): string;
  heightOf(item: T): number;
  /** This one is drawn wherever it is: it may have the focus. */
  activeKey: string | null;
  /** How many there are in all, drawn or not, read or not. */
  total: number;
  children(item: T): React.ReactNode;
}

/** A list of which only the rows near the view are in the document. */
export function WindowedList<T>(props: IProps<T>): JSX.Element {
  const { items, view, keyOf, heightOf, activeKey } = props;
  const node = React.useRef<HTMLUListElement>(null);
  const [start, setStart] = React.useState(0);
  const measure = () => setStart(node.current?.offsetTop ?? 0);
  React.useLayoutEffect(measure);

  const places: number[] = [];
  let height = 0;
  for (const item of items) {
    places.push(height);
    height += heightOf(item);
  }
  const room = BEYOND * 42;
  const [first, last] = [view.top - start - room, view.top + view.height - start + room];
  const rows: React.ReactNode[] = [];
  items.forEach((item, index) => {
    const [top, key] = [places[index], keyOf(item)];
    const size = heightOf(item);
    if ((top + size >= first && top <= last) || key === activeKey) {
      rows.push(
        <li key={key} style={{ top, height: size }} aria-posinset={index + 1} aria-setsize={props.total}>
          {props.children(item)}
        </li>
      );
    }
  });
  return (
    <ul ref={node} className="jp-eodh-Window" style={{ height }} aria-label={props.label}>
      {rows}
    </ul>
  );
}
