import * as React from 'react';
import { clean } from '../model/words';
import { IPreview } from '../model/wire';
import { JsonTree } from './json-tree';
import { PageView } from './view';

/** Names that are listed of one kind. */
const MOST_NAMES = 20;

/** What a STAC catalogue, collection or item says of itself. */
export function StacLook({ view, preview }: { view: PageView; preview: IPreview }): JSX.Element {
  const { trans } = view.workflows;
  const stac = preview.stac ?? {};
  const [isWhole, setWhole] = React.useState(false);
  const names = (value: unknown) => {
    const list = Array.isArray(value) ? value : [];
    const shown = list.slice(0, MOST_NAMES).map(item => clean(nameOf(item), 80));
    return list.length > MOST_NAMES ? [...shown, trans.__('and %1 more', list.length - MOST_NAMES)] : shown;
  };
  const bbox = Array.isArray(stac.bbox) ? stac.bbox.flat().map(String).join(', ') : '';
  const interval = Array.isArray(stac.interval) ? stac.interval.flat().map(time => String(time ?? '…')) : [];
  const facts: [string, string][] = [
    [trans.__('Type'), `STAC ${clean(stac.type ?? '', 40)}`],
    [trans.__('Id'), clean(stac.id ?? '', 200)],
    [trans.__('Title'), clean(stac.title ?? '', 300)],
    [trans.__('Bounds'), bbox],
    [trans.__('Time'), [...new Set(interval)].join(' – ')],
    [trans.__('Items'), Array.isArray(stac.items) ? names(stac.items).join(', ') : String(stac.items ?? '')],
    [trans.__('Links'), names(stac.links).join(', ')]
  ];
  return (
    <>
      <dl className="jp-eodh-PageFactList">
        {facts
          .filter(([, fact]) => fact)
          .map(([label, fact]) => (
            <React.Fragment key={label}>
              <dt>{label}</dt>
              <dd>{fact}</dd>
            </React.Fragment>
          ))}
      </dl>
      {preview.json !== undefined && (
        <button
          className="jp-eodh-Link"
          type="button"
          aria-expanded={isWhole}
          onClick={() => setWhole(!isWhole)}
        >
          {isWhole ? trans.__('Hide JSON') : trans.__('Show JSON')}
        </button>
      )}
      {isWhole && <JsonTree value={preview.json} trans={trans} />}
    </>
  );
}

function nameOf(item: unknown): string {
  if (typeof item !== 'object' || item === null) {
    return String(item);
  }
  const { title, id, rel, href } = item as Record<string, unknown>;
  return String(title ?? id ?? (rel ? `${rel}: ${href}` : (href ?? '')));
}
