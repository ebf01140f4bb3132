import * as React from 'react';
import { clean } from '../model/words';
import { IField } from '../model/wire';
import { Button, Icon } from '../ui/parts';
import { faultsAt, IControl, idOf, useForm } from './context';
import { Draft, draftOf, entry, hasDefault, IEntryDraft, shownDraft } from './draft';
import { CompactContext, describedBy, Frame } from './frame';
import { FieldControl } from './field';
import { useDrop } from './file';
import { stringifyExact } from './json';
import { below } from './reading';
import { labelOf } from './words';

/** Rows shown at first; thousands of entries are rare, but must not stop the page. */
const PAGE = 50;
const CHIPS = ['text', 'integer', 'number', 'choice'];
const COMPACT = [...CHIPS, 'file', 'directory', 'date', 'datetime', 'secret', 'boolean', 'json', 'long_text'];

/** A list: chips for short values, rows for others; entries are added, removed and moved. */
export function ArrayControl(props: IControl): JSX.Element {
  const { trans, model } = useForm();
  const { field, draft, path, onDraft } = props;
  const entries = (shownDraft(field, draft) as IEntryDraft[] | undefined) ?? [];
  const item = { ...field.item!, required: true };
  const isChips = CHIPS.includes(item.kind);
  const isMissing = draft === undefined && field.required && !hasDefault(field) && !field.min_items;
  const list: IList = {
    ...props,
    item,
    entries,
    change: next => onDraft(next),
    move: (index, by) => onDraft(moved(entries, index, by))
  };
  return (
    <Frame
      {...props}
      isGroup
      isDeep={isChips}
      note={
        isMissing && model.isShown({ path, label: '', message: '' }) ? (
          <button type="button" className="jp-eodh-Link" onClick={() => onDraft([])}>
            {trans.__('Use an empty list')}
          </button>
        ) : undefined
      }
    >
      {isChips ? <Chips {...list} /> : <Rows {...list} />}
    </Frame>
  );
}

interface IList extends IControl {
  item: IField;
  entries: IEntryDraft[];
  change(entries: IEntryDraft[]): void;
  move(index: number, by: number): void;
}

/** Give the list with one entry moved; as it is where there is no room. */
export function moved<T>(entries: T[], index: number, by: number): T[] {
  const to = index + by;
  if (to < 0 || to >= entries.length) {
    return entries;
  }
  const next = [...entries];
  next.splice(to, 0, ...next.splice(index, 1));
  return next;
}

function Chips({ field, item, entries, path, draft, change, move }: IList): JSX.Element {
  const context = useForm();
  const { trans, model, say } = context;
  const holder = React.useRef<HTMLDivElement>(null);
  const [edited, setEdited] = React.useState<number | null>(null);
  const [wanted, setWanted] = React.useState<number | 'add' | null>(null);
  const [count, setCount] = React.useState(PAGE);
  React.useEffect(() => {
    if (wanted !== null) {
      const chips = holder.current?.querySelectorAll<HTMLElement>('.jp-eodh-Entry-text');
      const last = chips?.[Math.min(Number(wanted), chips.length - 1)];
      (wanted === 'add' || !last
        ? holder.current?.querySelector<HTMLElement>('.jp-eodh-Entries-add')
        : last
      )?.focus();
      setWanted(null);
    }
  }, [wanted]);
  const remove = (index: number) => {
    change(entries.filter((_, at) => at !== index));
    say(trans.__('%1 removed.', words(item, entries[index].draft)));
    setWanted(index);
  };
  const finish = (index: number, texts: string[], isStaying: boolean) => {
    const drafts = texts.map(text => entry(draftFor(item, text)));
    const next = [...entries];
    next.splice(index, index < entries.length ? 1 : 0, ...drafts);
    if (texts.length > 0) {
      change(next);
    }
    setEdited(isStaying ? next.length : null);
    setWanted(isStaying ? null : index < entries.length ? index : 'add');
  };
  const onKeyDown = (event: React.KeyboardEvent, index: number) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by && event.altKey) {
      move(index, by);
      setWanted(Math.max(0, Math.min(entries.length - 1, index + by)));
    } else if (event.key === 'Delete' || event.key === 'Backspace') {
      remove(index);
    } else {
      return;
    }
    event.preventDefault();
  };
  return (
    <div
      className="jp-eodh-Entries"
      ref={holder}
      onBlur={event => {
        if (!event.currentTarget.contains(event.relatedTarget)) {
          model.visit(path);
          entries.forEach((_, index) => model.visit(below(path, index)));
        }
      }}
    >
      {entries.slice(0, count).map(({ key, draft: one }, index) =>
        edited === index ? (
          <Entry
            key={key}
            item={item}
            path={path}
            first={String(one ?? '')}
            onDone={(...done) => finish(index, ...done)}
          />
        ) : (
          <span
            key={key}
            className={[
              'jp-eodh-Entry',
              draft === undefined ? 'jp-mod-default' : '',
              faultsAt(model, below(path, index)).length ? 'jp-mod-wrong' : ''
            ].join(' ')}
          >
            <button
              type="button"
              className="jp-eodh-Entry-text"
              data-path={below(path, index)}
              title={trans.__('Edit; Alt and left or right moves it, Delete removes it')}
              aria-label={trans.__('%1, entry %2 of %3', words(item, one), index + 1, entries.length)}
              aria-invalid={faultsAt(model, below(path, index)).length > 0 || undefined}
              aria-describedby={`${context.id}-${path}-error`}
              onClick={() => setEdited(index)}
              onKeyDown={event => onKeyDown(event, index)}
            >
              {words(item, one)}
            </button>
            <button
              type="button"
              className="jp-eodh-Entry-remove"
              tabIndex={-1}
              aria-label={trans.__('Remove %1', words(item, one))}
              title={trans.__('Remove')}
              onClick={() => remove(index)}
            >
              <Icon name="cross" />
            </button>
          </span>
        )
      )}
      {entries.length > count && (
        <Button onClick={() => setCount(count + PAGE)}>
          {trans.__('Show %1 more', Math.min(PAGE, entries.length - count))}
        </Button>
      )}
      {edited !== null && edited >= entries.length ? (
        <Entry
          key="new"
          item={item}
          path={path}
          first=""
          onDone={(...done) => finish(entries.length, ...done)}
        />
      ) : (
        <Button
          icon="add"
          className="jp-eodh-Entries-add"
          data-path={path}
          id={idOf(context, path)}
          aria-label={trans.__('Add to %1', labelOf(field))}
          aria-describedby={describedBy(context, path)}
          onClick={() => setEdited(entries.length)}
        >
          {trans.__('Add')}
        </Button>
      )}
    </div>
  );
}

interface IEntryProps {
  item: IField;
  path: string;
  first: string;
  /** Texts to put in the place, and whether the next is typed at once. */
  onDone(texts: string[], isStaying: boolean): void;
}

/** The box in which one entry is typed; pasted lines are entries of their own. */
function Entry({ item, first, onDone }: IEntryProps): JSX.Element {
  const { trans } = useForm();
  const [text, setText] = React.useState(first);
  const isOver = React.useRef(false);
  const done = (texts: string[], isStaying: boolean) => {
    if (!isOver.current) {
      isOver.current = !isStaying;
      setText('');
      onDone(texts, isStaying);
    }
  };
  const label = trans.__('Entry');
  if (item.kind === 'choice') {
    return (
      <div className="jp-eodh-Select jp-mod-entry">
        <select
          autoFocus
          aria-label={label}
          value={first}
          onBlur={() => done(first ? [first] : [], false)}
          onKeyDown={event => event.key === 'Escape' && done(first ? [first] : [], false)}
          onChange={event => done([event.target.value], false)}
        >
          {first === '' && <option value="" />}
          {(item.options ?? []).map((option, index) => (
            <option key={index} value={index}>
              {words(item, index)}
            </option>
          ))}
        </select>
      </div>
    );
  }
  return (
    <div className="jp-eodh-Input jp-mod-entry">
      <input
        autoFocus
        aria-label={label}
        value={text}
        spellCheck={false}
        onChange={event => setText(event.target.value)}
        onBlur={() => done(text || first ? [text] : [], false)}
        onPaste={event => {
          const lines = event.clipboardData
            .getData('text')
            .split(/\r?\n/)
            .filter(line => line.trim());
          if (lines.length > 1) {
            event.preventDefault();
            done(
              lines.map(line => line.trim()),
              first === ''
            );
          }
        }}
        onKeyDown={event => {
          if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) {
            event.preventDefault();
            done(text ? [text] : [], first === '' && text !== '');
          } else if (event.key === 'Escape') {
            event.stopPropagation();
            done(first ? [first] : [], false);
          }
        }}
      />
    </div>
  );
}

function draftFor(item: IField, text: string): Draft {
  return item.kind === 'choice' ? Number(text) : text;
}

function words(item: IField, draft: Draft): string {
  if (item.kind === 'choice') {
    const option = item.options?.[draft as number];
    return clean(typeof option === 'string' ? option : stringifyExact(option), 80);
  }
  return clean(draft, 80) || '\u201c\u201d';
}

function Rows({ field, item, entries, path, draft, change, move }: IList): JSX.Element {
  const context = useForm();
  const { trans, browse, dropped, say } = context;
  const [count, setCount] = React.useState(PAGE);
  const [wanted, setWanted] = React.useState<string | null>(null);
  const isFile = item.kind === 'file' || item.kind === 'directory';
  const isCompact = COMPACT.includes(item.kind);
  const addAll = (paths: string[]) => {
    if (paths.length > 0) {
      change([...entries.filter(one => one.draft !== undefined && one.draft !== ''), ...paths.map(entry)]);
    }
  };
  const target = useDrop(event => isFile && addAll(dropped(event)));
  React.useEffect(() => {
    if (wanted !== null) {
      const row = target.current?.querySelector(`[data-row="${wanted}"]`) ?? target.current;
      row?.querySelector<HTMLElement>('input, textarea, select, button')?.focus();
      setWanted(null);
    }
  }, [wanted, target]);
  const set = (index: number, next: Draft) =>
    change(entries.map((one, at) => (at === index ? { ...one, draft: next } : one)));
  return (
    <div className={`jp-eodh-Rows ${draft === undefined ? 'jp-mod-default' : ''}`} ref={target}>
      {entries.slice(0, count).map(({ key, draft: one }, index) => (
        <div className="jp-eodh-Rows-row" key={key} data-row={index}>
          <CompactContext.Provider value={isCompact}>
            <FieldControl
              field={{
                ...item,
                label: `${labelOf(field)} ${index + 1}`,
                ...(isCompact ? { help: undefined } : {})
              }}
              draft={one}
              path={below(path, index)}
              onDraft={next => set(index, next)}
            />
          </CompactContext.Provider>
          <div className="jp-eodh-Rows-tools">
            <Button
              icon="up"
              kind="flat"
              aria-label={trans.__('Move entry %1 up', index + 1)}
              title={trans.__('Move up')}
              aria-disabled={index === 0}
              onClick={() => move(index, -1)}
            />
            <Button
              icon="down"
              kind="flat"
              aria-label={trans.__('Move entry %1 down', index + 1)}
              title={trans.__('Move down')}
              aria-disabled={index === entries.length - 1}
              onClick={() => move(index, 1)}
            />
            <Button
              icon="cross"
              kind="flat"
              aria-label={trans.__('Remove entry %1', index + 1)}
              title={trans.__('Remove')}
              onClick={() => {
                change(entries.filter((_, at) => at !== index));
                say(trans.__('Entry %1 removed.', index + 1));
                setWanted(String(Math.max(0, index - 1)));
              }}
            />
          </div>
        </div>
      ))}
      <div className="jp-eodh-Rows-foot">
        {entries.length > count && (
          <Button onClick={() => setCount(count + PAGE)}>
            {trans.__('Show %1 more', Math.min(PAGE, entries.length - count))}
          </Button>
        )}
        <Button
          icon="add"
          data-path={path}
          id={idOf(context, path)}
          aria-label={trans.__('Add to %1', labelOf(field))}
          aria-describedby={describedBy(context, path)}
          onClick={() => {
            change([...entries, entry(draftOf(item, item.default))]);
            setCount(Math.max(count, entries.length + 1));
            setWanted(String(entries.length));
          }}
        >
          {trans.__('Add')}
        </Button>
        {isFile && browse && (
          <Button
            icon="folder"
            aria-label={trans.__('Browse for %1', labelOf(field))}
            onClick={() => void browse(field).then(paths => paths && addAll(paths))}
          >
            {trans.__('Browse')}
          </Button>
        )}
        {entries.length > 9 && (
          <span className="jp-eodh-Field-type">{trans.__('%1 entries', entries.length)}</span>
        )}
      </div>
    </div>
  );
}
