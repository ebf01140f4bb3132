import * as React from 'react';

/** Which row bears the focus, also while rows come, move and go. */
export interface IRowFocus {
  /** The one row that Tab reaches. */
  readonly key: string | null;
  /** Make it the row that Tab reaches. */
  take(key: string): void;
  /** Move the focus to a row, as soon as it is drawn. */
  go(key: string | undefined): void;
  onFocus(event: React.FocusEvent): void;
  onBlur(event: React.FocusEvent): void;
}

/** Keep one focus among the rows that bear these keys, in their order. */
export function useRowFocus(root: React.RefObject<HTMLElement>, keys: string[]): IRowFocus {
  const [active, setActive] = React.useState<string | null>(null);
  const [, redraw] = React.useReducer((count: number) => count + 1, 0);
  const wanted = React.useRef<string | null>(null);
  /** Where the focus was among the rows, while it is within the root. */
  const place = React.useRef(-1);

  const go = (key: string | undefined) => {
    if (key !== undefined) {
      wanted.current = key;
      setActive(key);
      redraw();
    }
  };
  React.useLayoutEffect(() => {
    const at = active === null ? -1 : keys.indexOf(active);
    if (place.current >= 0 && document.activeElement === document.body) {
      // The row that had the focus moved, and keeps it; or it has gone, and the one in its place gets it.
      go(keys[at >= 0 ? at : Math.min(place.current, keys.length - 1)]);
    } else if (at >= 0 && root.current?.contains(document.activeElement)) {
      place.current = at;
    }
  });
  React.useLayoutEffect(() => {
    if (wanted.current !== null) {
      const node = root.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(wanted.current)}"]`);
      if (node) {
        wanted.current = null;
        node.focus({ preventScroll: true });
        node.scrollIntoView({ block: 'nearest' });
      }
    }
  });
  return {
    key: active !== null && keys.includes(active) ? active : (keys[0] ?? null),
    take: setActive,
    go,
    onFocus: ({ target }) => {
      place.current = keys.indexOf(target.closest<HTMLElement>('[data-key]')?.dataset.key ?? '');
    },
    onBlur: ({ target, relatedTarget }) => {
      if (!root.current?.contains(relatedTarget as Node | null)) {
        // A row that goes while it has the focus is blurred a moment before it is gone.
        window.setTimeout(() => {
          if (target.isConnected && !root.current?.contains(document.activeElement)) {
            place.current = -1;
          }
        });
      }
    }
  };
}
