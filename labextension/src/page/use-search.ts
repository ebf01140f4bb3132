import * as React from 'react';
import { useSignal } from './hooks';
import { Level, LogSearch, searchFor, searchLevel } from './log-search';
import { LogSource } from './log-source';
import { PageView } from './view';

/** A search begins this long after the last key. */
const TYPING_MS = 150;
/** A growing log is searched again at most this often. */
const AGAIN_MS = 2000;

/** Look for a text or a level in a log, again as it grows. */
export function useSearch(
  view: PageView,
  source: LogSource,
  wanted: { text: string } | { level: Level }
): LogSearch {
  const question = 'level' in wanted ? searchLevel(wanted.level) : wanted.text ? searchFor(wanted.text) : '';
  const search = React.useMemo(
    () => new LogSearch(view.workflows.runner, source.path, question),
    [view, source, question]
  );
  useSignal(search.changed);
  const asked = React.useRef({ search, bytes: 0, at: 0 });
  if (asked.current.search !== search) {
    asked.current = { search, bytes: 0, at: 0 };
  }
  const { sizeBytes, isFinal } = source;
  React.useEffect(() => {
    const last = asked.current;
    if (!question || !view.isSeen || sizeBytes <= last.bytes) {
      return;
    }
    const wait = Math.max(TYPING_MS, last.at + AGAIN_MS - Date.now());
    const timer = window.setTimeout(() => {
      asked.current = { search, bytes: sizeBytes, at: Date.now() };
      void search.more();
    }, wait);
    return () => window.clearTimeout(timer);
  }, [question, search, sizeBytes, isFinal, view, view.isSeen]);
  React.useEffect(() => () => search.stop(), [search]);
  return search;
}
