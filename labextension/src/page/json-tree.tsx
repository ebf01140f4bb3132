import * as React from 'react';
import { clean, ITrans } from '../model/words';

/** Levels that are unfolded at first. */
const OPEN_LEVELS = 2;
/** Members that are shown of one value. */
const MOST_MEMBERS = 200;

/** A JSON value, folded below the second level. */
export function JsonTree(props: { value: unknown; trans: ITrans }): JSX.Element {
  return (
    <div className="jp-eodh-PageJson">
      <Node value={props.value} level={0} trans={props.trans} />
    </div>
  );
}

function Node(props: { name?: string; value: unknown; level: number; trans: ITrans }): JSX.Element {
  const { name, value, level, trans } = props;
  const [isOpen, setOpen] = React.useState(level < OPEN_LEVELS);
  const label =
    name === undefined ? null : <span className="jp-eodh-PageJsonName">{clean(name, 120)}: </span>;
  if (typeof value !== 'object' || value === null) {
    return (
      <div className="jp-eodh-PageJsonLine">
        {label}
        <span>{clean(JSON.stringify(value) ?? 'undefined', 1000)}</span>
      </div>
    );
  }
  const members = Object.entries(value);
  const count = Array.isArray(value)
    ? trans._n('%1 item', '%1 items', members.length)
    : trans._n('%1 member', '%1 members', members.length);
  return (
    <details open={isOpen} onToggle={event => setOpen(event.currentTarget.open)}>
      <summary>
        {label}
        <span className="jp-eodh-PageMuted">{count}</span>
      </summary>
      {isOpen &&
        members
          .slice(0, MOST_MEMBERS)
          .map(([key, inner]) => <Node key={key} name={key} value={inner} level={level + 1} trans={trans} />)}
      {isOpen && members.length > MOST_MEMBERS && (
        <p className="jp-eodh-PageMuted">{trans.__('and %1 more', members.length - MOST_MEMBERS)}</p>
      )}
    </details>
  );
}
