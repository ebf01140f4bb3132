import * as React from 'react';
import { ISignal } from '@lumino/signaling';
import { PageView } from './view';

/** A page repaints at most four times a second. */
const PAINT_MS = 250;

/** Draw anew when a signal says so, at most four times a second; `pace` 0 is for what keeps a pace of its own. */
export function useSignal(signal: ISignal<any, any>, pace = PAINT_MS): void {
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
      if (pace === 0) {
        // What a person does shows at once, before the next key.
        draw();
        return;
      }
      timer = timer || window.setTimeout(paint, Math.max(0, last + pace - Date.now()));
    };
    signal.connect(soon);
    draw();
    return () => {
      signal.disconnect(soon);
      window.clearTimeout(timer);
    };
  }, [signal, pace]);
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

/** Give what one px of the design is in the person's font size. */
export function useUnit(): number {
  const read = () =>
    parseFloat(getComputedStyle(document.body).getPropertyValue('--jp-ui-font-size1')) / 13 || 1;
  const [unit, setUnit] = React.useState(read);
  React.useEffect(() => {
    // Themes and font sizes are set as attributes of the page.
    const observer = new MutationObserver(() => setUnit(read()));
    observer.observe(document.body, { attributes: true });
    observer.observe(document.documentElement, { attributes: true });
    return () => observer.disconnect();
  }, []);
  return unit;
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
