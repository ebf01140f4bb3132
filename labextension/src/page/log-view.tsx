import * as React from 'react';
import { fileSize, grouped } from '../model/format';
import { clean } from '../model/words';
import { IStep } from '../model/wire';
import { Ago, Button, Icon } from '../ui/parts';
import { setAnsiColours } from './ansi-theme';
import { useSignal } from './hooks';
import { LogLine } from './log-line';
import { Level, MOST_COUNTED } from './log-search';
import { LogSource } from './log-source';
import { useSearch } from './use-search';
import { Menu } from './menu';
import { plainText } from './ansi';
import { useVirtualRows, VirtualRows } from './virtual';
import { PageView } from './view';

const LINE_PX = 18;
const MOST_LINES = 80;
/** Lines that are fetched before and behind the view. */
const MARGIN = 200;
/** A longer log is downloaded, not copied. */
const MOST_COPIED_BYTES = 8_000_000;

interface IProps {
  view: PageView;
  source: LogSource;
  step: IStep;
  isNarrow: boolean;
}

/** One log: tools, the lines in view, what is known of it. */
export function LogView({ view, source, step, isNarrow }: IProps): JSX.Element {
  const { trans, announcer } = view.workflows;
  useSignal(source.changed, 0);
  const total = source.total ?? 0;
  const [isFollowing, setFollowing] = React.useState(true);
  const [isWrapped, setWrapped] = React.useState(false);
  const [seen, setSeen] = React.useState(0);
  const [current, setCurrent] = React.useState<number | null>(null);
  const [level, setLevel] = React.useState<Level | null>(null);
  const [query, setQuery] = React.useState('');
  const field = React.useRef<HTMLInputElement>(null);
  const errors = useSearch(view, source, { level: 'error' });
  const warnings = useSearch(view, source, { level: 'warning' });
  const found = useSearch(view, source, { text: query });
  const filter = level === 'error' ? errors : level === 'warning' ? warnings : null;
  const lines = filter ? filter.lines : null;
  const rows = useVirtualRows(lines ? lines.length : total, LINE_PX, MOST_LINES);
  const { scroll, outer, settle } = rows;

  React.useLayoutEffect(() => {
    if (isFollowing && !lines) {
      scroll.toEnd();
      settle();
      setSeen(total);
    }
  }, [isFollowing, lines, scroll, settle, total]);
  // The lines about the view; a filter shows lines from all over the log.
  const [first, last] = [scroll.row, scroll.last];
  React.useEffect(() => {
    if (lines) {
      lines.slice(first, last).forEach(line => source.line(line) ?? source.want(line, line + 1));
    } else if (total > 0) {
      source.want(Math.max(0, first - MARGIN), Math.min(total, last + MARGIN));
    }
  }, [source, lines, first, last, total]);
  React.useEffect(() => {
    const node = outer.current;
    if (node) {
      const paint = () => setAnsiColours(node);
      paint();
      // A theme changes the page's own attributes.
      const observer = new MutationObserver(paint);
      observer.observe(document.body, { attributes: true, attributeFilter: ['data-jp-theme-name'] });
      return () => observer.disconnect();
    }
  }, [outer]);

  const go = (line: number) => {
    setLevel(null);
    setFollowing(false);
    setCurrent(line);
    window.setTimeout(() => rows.show(line));
  };
  const hop = (search: typeof found, isForward: boolean) => {
    const at = search.near(current ?? (isForward ? scroll.row - 1 : scroll.last), isForward);
    if (at !== null) {
      go(search.lines[at]);
      announcer.polite(trans.__('%1 of %2', at + 1, search.total), 'log-match');
    }
  };
  const follow = () => {
    setLevel(null);
    setFollowing(true);
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const isTyping = event.target === field.current;
    const hasMeta = event.ctrlKey || event.metaKey;
    if (hasMeta && event.key.toLowerCase() === 'f') {
      field.current?.focus();
      field.current?.select();
    } else if (event.key === 'F3' || (isTyping && event.key === 'Enter')) {
      hop(found, !event.shiftKey);
    } else if (isTyping && event.key === 'Escape') {
      setQuery('');
      outer.current?.focus();
    } else if (isTyping || hasMeta || event.altKey) {
      return;
    } else if (event.key === 'End') {
      follow();
    } else if (event.key === 'Home') {
      setFollowing(false);
      rows.show(0);
    } else if (event.key.toLowerCase() === 'e') {
      hop(errors, !event.shiftKey);
    } else if (event.key.toLowerCase() === 'w') {
      setWrapped(!isWrapped);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  const copyAll = async () => {
    const { runner } = view.workflows;
    const text = await (await runner.blob(source.path)).text();
    view.copy(text.split('\n').map(plainText).join('\n'));
  };
  const name = clean(step.path, 80);
  const chips = (
    <>
      <Chip
        isOn={level === 'error'}
        onClick={() => setLevel(level === 'error' ? null : 'error')}
        label={trans.__('Errors')}
        count={errors.total}
      />
      <Chip
        isOn={level === 'warning'}
        onClick={() => setLevel(level === 'warning' ? null : 'warning')}
        label={trans.__('Warnings')}
        count={warnings.total}
      />
    </>
  );
  const fresh = Math.max(0, total - seen);
  const at = current === null ? -1 : found.lines.indexOf(current);
  return (
    <div className="jp-eodh-PageLogView" onKeyDown={onKeyDown}>
      <div className="jp-eodh-PageToolbar" role="toolbar" aria-label={trans.__('Log of %1', name)}>
        <span className="jp-eodh-PageSearch">
          <Icon name="search" />
          <input
            ref={field}
            type="search"
            value={query}
            placeholder={trans.__('Find in the log')}
            aria-label={trans.__('Find in the log')}
            onChange={event => setQuery(event.target.value)}
          />
          {query && (
            <span className="jp-eodh-PageMuted">
              {found.error
                ? trans.__('failed')
                : !found.isKnown
                  ? '…'
                  : at >= 0
                    ? trans.__('%1 of %2', grouped(at + 1), countWord(found.total))
                    : countWord(found.total)}
            </span>
          )}
        </span>
        <Button
          icon="up"
          kind="flat"
          aria-label={trans.__('Previous match')}
          title={trans.__('Previous match (Shift+F3)')}
          disabled={found.lines.length === 0}
          onClick={() => hop(found, false)}
        />
        <Button
          icon="down"
          kind="flat"
          aria-label={trans.__('Next match')}
          title={trans.__('Next match (F3)')}
          disabled={found.lines.length === 0}
          onClick={() => hop(found, true)}
        />
        {!isNarrow && chips}
        <span className="jp-eodh-PageGrow" />
        {!source.isFinal && (
          <button
            type="button"
            className="jp-eodh-PageChip"
            aria-pressed={isFollowing}
            onClick={() => (isFollowing ? setFollowing(false) : follow())}
          >
            <Icon name="follow" />
            {isFollowing
              ? trans.__('Following')
              : fresh > 0
                ? trans._n('%1 new line', '%1 new lines', grouped(fresh) as any)
                : trans.__('Follow')}
          </button>
        )}
        <Menu
          label={trans.__('More of the log')}
          items={[
            { label: trans.__('Wrap long lines (W)'), isOn: isWrapped, run: () => setWrapped(!isWrapped) },
            ...(isNarrow
              ? (['error', 'warning'] as const).map(kind => ({
                  label: kind === 'error' ? trans.__('Errors only') : trans.__('Warnings only'),
                  isOn: level === kind,
                  run: () => setLevel(level === kind ? null : kind)
                }))
              : []),
            { label: trans.__('Next error (E)'), run: () => hop(errors, true) },
            ...(source.sizeBytes <= MOST_COPIED_BYTES
              ? [{ label: trans.__('Copy the log'), run: () => void copyAll() }]
              : [])
          ]}
        />
        <a
          className="jp-eodh-Button jp-mod-flat jp-mod-icon"
          href={view.workflows.runner.url(source.path)}
          download={`${clean(step.log ?? 'log', 80)}.log`}
          aria-label={trans.__('Download the log, %1', fileSize(source.sizeBytes))}
          title={trans.__('Download the log, %1', fileSize(source.sizeBytes))}
        >
          <Icon name="download" />
        </a>
      </div>
      <div className="jp-eodh-PageLogBody">
        <VirtualRows
          rows={rows}
          isWrapped={isWrapped}
          className={`jp-eodh-PageLogLines ${isWrapped ? 'jp-mod-wrap' : ''}`}
          role="log"
          aria-live="off"
          aria-label={trans.__('Log of %1', name)}
          tabIndex={0}
          onMove={() => {
            if (!lines && isFollowing && !scroll.isAtEnd) {
              setFollowing(false);
            } else if (!lines && !isFollowing && scroll.isAtEnd && !source.isFinal) {
              setFollowing(true);
            }
          }}
          draw={row => {
            const line = lines ? lines[row] : row;
            return (
              <LogLine
                key={line}
                line={line}
                text={source.line(line) ?? (filter ? filter.text(line) : undefined)}
                query={query}
                isCurrent={line === current}
                onClick={lines ? () => go(line) : undefined}
              />
            );
          }}
        />
        {!lines && <Marks errors={errors.lines} warnings={warnings.lines} total={total} />}
        <p className="jp-eodh-PageLogWord" hidden={total > 0 && (!lines || lines.length > 0)}>
          {source.isGone
            ? trans.__('This log was removed.')
            : source.error && total === 0
              ? trans.__('The log cannot be read: %1', clean(source.error.message))
              : source.total === null
                ? trans.__('Reading…')
                : total === 0
                  ? source.isFinal
                    ? trans.__('The step wrote nothing.')
                    : trans.__('No output yet.')
                  : trans.__('No such line.')}
        </p>
      </div>
      <div className="jp-eodh-PageLogFoot">
        <span>
          {trans._n('%1 line', '%1 lines', grouped(total) as any)}, {fileSize(source.sizeBytes)}
        </span>
        {!source.isFinal && source.grewAt > 0 && (
          <span>
            {trans.__('newest')} <Ago time={new Date(source.grewAt).toISOString()} />
          </span>
        )}
        {source.error && !source.isGone && total > 0 && (
          <span>{trans.__('The runner does not answer; trying again.')}</span>
        )}
      </div>
    </div>
  );
}

function countWord(count: number): string {
  return count >= MOST_COUNTED ? `${grouped(MOST_COUNTED)}+` : grouped(count);
}

function Chip(props: { isOn: boolean; label: string; count: number; onClick(): void }): JSX.Element {
  return (
    <button type="button" className="jp-eodh-PageChip" aria-pressed={props.isOn} onClick={props.onClick}>
      {props.label} <span className="jp-eodh-PageMuted">{countWord(props.count)}</span>
    </button>
  );
}

/** Where errors and warnings are, beside the bar. */
const Marks = React.memo((props: { errors: number[]; warnings: number[]; total: number }): JSX.Element => {
  const places = new Map<number, string>();
  const place = (lines: number[], level: string) =>
    lines.forEach(line => places.set(Math.round((200 * line) / Math.max(1, props.total)) / 2, level));
  place(props.warnings, 'warning');
  place(props.errors, 'error');
  return (
    <div className="jp-eodh-PageLogMarks" aria-hidden="true">
      {[...places].map(([top, level]) => (
        <i key={top} data-level={level} style={{ top: `${top}%` }} />
      ))}
    </div>
  );
});
