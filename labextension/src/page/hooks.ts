import * as React from 'react';
import { ISignal } from '@lumino/signaling';
import { PageView } from './view';

/** A page repaints at most four times a second. */
const PAINT_MS = 250;

/** Draw anew when a signal says so, at most four times a second. */
export function useSignal(signal: ISignal<any, any>): void {
  const [, draw] = React.useReducer((count: number) => count + 1, 0);
  React.useEffect(() => {
    let timer = 0;
    let last = 0;
    const paint = () => {
      timer = 0;
      last = Date.now();
      draw();
    };
    const soon = () => {
      timer = timer || window.setTimeout(paint, Math.max(0, last + PAINT_MS - Date.now()));
    };
    signal.connect(soon);
    draw();
    return () => {
      signal.disconnect(soon);
      window.clearTimeout(timer);
    };
  }, [signal]);
}

/** Draw anew when commands come or go. */
export function useCommands(view: PageView): void {
  useSignal(view.commands.commandChanged);
}

/** What was asked of the runner. */
export interface IAnswer<T> {
  value: T | null;
  error: Error | null;
  again(): void;
}

/** Ask the runner when the key changes; an answer to an earlier question is dropped. */
export function useAnswer<T>(key: string | null, ask: (signal: AbortSignal) => Promise<T>): IAnswer<T> {
  const [turn, again] = React.useReducer((count: number) => count + 1, 0);
  const [answer, setAnswer] = React.useState<{ key: string; value: T | null; error: Error | null } | null>(
    null
  );
  const question = React.useRef(ask);
  question.current = ask;
  React.useEffect(() => {
    if (key === null) {
      return;
    }
    const control = new AbortController();
    question.current(control.signal).then(
      value => !control.signal.aborted && setAnswer({ key, value, error: null }),
      error => !control.signal.aborted && setAnswer({ key, value: null, error })
    );
    return () => control.abort();
  }, [key, turn]);
  const isThis = answer !== null && answer.key === key;
  return { value: isThis ? answer.value : null, error: isThis ? answer.error : null, again };
}

/** Give the width of an element, in px. */
export function useWidth(): [React.RefCallback<HTMLElement>, number] {
  const [width, setWidth] = React.useState(1000);
  const observer = React.useRef<ResizeObserver | null>(null);
  const ref = React.useCallback((node: HTMLElement | null) => {
    observer.current?.disconnect();
    if (node) {
      observer.current = new ResizeObserver(entries => {
        const now = entries[0].contentRect.width;
        if (now > 0) {
          setWidth(now);
        }
      });
      observer.current.observe(node);
    }
  }, []);
  return [ref, width];
}
