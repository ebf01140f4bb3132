import * as React from 'react';
import { closeIcon, filterListIcon, searchIcon } from '@jupyterlab/ui-components';
import { clean, ITrans, statusWord } from '../model/words';
import { Icon } from '../ui/parts';
import { IFilter, spanWords } from './filter';

interface IProps {
  filter: IFilter;
  trans: ITrans;
  field: React.RefObject<HTMLInputElement>;
  narrow(change: Partial<IFilter>): void;
  onFilter(event: React.MouseEvent): void;
  /** Back to the rows. */
  onLeave(): void;
}

/** The search field; it looks for names, ids and input values, on the server. */
export function Search(props: IProps): JSX.Element {
  const { filter, trans, narrow } = props;
  // What is typed shows at once; the lists follow when they are drawn.
  const [text, setText] = React.useState(filter.query);
  React.useEffect(() => setText(filter.query), [filter.query]);
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      if (text) {
        setText('');
        narrow({ query: '' });
      } else {
        props.onLeave();
      }
    } else if (event.key === 'ArrowDown' || event.key === 'Enter') {
      event.preventDefault();
      props.onLeave();
    }
  };
  return (
    <div className="jp-eodh-Search" role="search">
      <div className="jp-eodh-SearchField">
        <searchIcon.react tag="span" />
        <input
          ref={props.field}
          type="text"
          spellCheck={false}
          aria-label={trans.__('Find a process or job')}
          placeholder={trans.__('Find a process or job')}
          value={text}
          onChange={event => {
            setText(event.target.value);
            narrow({ query: event.target.value });
          }}
          onKeyDown={onKeyDown}
        />
        {text ? (
          <button
            type="button"
            className="jp-eodh-Button jp-mod-flat jp-mod-icon"
            title={trans.__('Clear the search')}
            aria-label={trans.__('Clear the search')}
            onClick={() => {
              narrow({ query: '' });
              props.field.current?.focus();
            }}
          >
            <closeIcon.react tag="span" />
          </button>
        ) : (
          <kbd aria-hidden="true">/</kbd>
        )}
      </div>
      <button
        type="button"
        className="jp-eodh-Button jp-mod-icon"
        title={trans.__('Filter jobs')}
        aria-label={trans.__('Filter jobs')}
        aria-haspopup="menu"
        onClick={props.onFilter}
      >
        <filterListIcon.react tag="span" />
      </button>
    </div>
  );
}

/** What the lists are narrowed by, each to be taken away. */
export function Chips(props: Pick<IProps, 'filter' | 'trans' | 'narrow' | 'onFilter'>): JSX.Element {
  const { filter, trans, narrow } = props;
  return (
    <div className="jp-eodh-Chips" role="group" aria-label={trans.__('Filters')}>
      {filter.status.map(status => (
        <Chip
          key={status}
          trans={trans}
          label={statusWord(status, trans)}
          icon={status}
          onClear={() => narrow({ status: filter.status.filter(other => other !== status) })}
        />
      ))}
      {filter.process !== null && (
        <Chip
          trans={trans}
          label={clean(filter.process, 60)}
          icon="process"
          onClear={() => narrow({ process: null })}
        />
      )}
      {filter.span !== null && (
        <Chip trans={trans} label={spanWords(filter.span, trans)} onClear={() => narrow({ span: null })} />
      )}
      <button type="button" className="jp-eodh-Chip" aria-haspopup="menu" onClick={props.onFilter}>
        {trans.__('+ Filter')}
      </button>
    </div>
  );
}

function Chip(props: { label: string; icon?: string; trans: ITrans; onClear(): void }): JSX.Element {
  return (
    <button
      type="button"
      className="jp-eodh-Chip jp-mod-on"
      aria-label={props.trans.__('Remove the filter %1', props.label)}
      onClick={props.onClear}
    >
      {props.icon && <Icon name={props.icon} />}
      <span className="jp-eodh-Cut">{props.label}</span>
      <closeIcon.react tag="span" />
    </button>
  );
}
