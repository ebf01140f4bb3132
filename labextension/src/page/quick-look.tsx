import * as React from 'react';
import { fileSize } from '../model/format';
import { pathOf } from '../model/runner';
import { clean } from '../model/words';
import { IEntry, IPreview } from '../model/wire';
import { CommandIDs } from '../tokens';
import { Button, Icon } from '../ui/parts';
import { useAnswer, useCommands } from './hooks';
import { JsonTree } from './json-tree';
import { pythonOfResult } from './python';
import { RasterLook } from './raster-look';
import { keyOf } from './result-tree';
import { StacLook } from './stac-look';
import { PageView } from './view';
import { ZarrLook } from './zarr-look';

interface IProps {
  view: PageView;
  path: string[];
  entry: IEntry;
}

/** A quick look at one result, and what can be done with it. */
export function QuickLook({ view, path, entry }: IProps): JSX.Element {
  const { trans, runner } = view.workflows;
  useCommands(view);
  const name = clean(path[path.length - 1], 200);
  const isFile = entry.kind === 'file';
  const href = runner.url(pathOf('jobs', view.jobID, 'results', ...path));
  const code = pythonOfResult(view.jobID, path, entry);
  return (
    <section className="jp-eodh-PageQuickLook" aria-label={name}>
      <div className="jp-eodh-PageToolbar">
        <b className="jp-eodh-PageGrow jp-eodh-PageCut" title={clean(keyOf(path), 500)}>
          {name}
        </b>
        {view.can(CommandIDs.insertCode) ? (
          <Button icon="code" kind="filled" onClick={() => view.run(CommandIDs.insertCode, { code })}>
            {trans.__('Insert as Python')}
          </Button>
        ) : (
          <Button icon="code" kind="filled" onClick={() => view.copy(code)}>
            {trans.__('Copy as Python')}
          </Button>
        )}
        <Button icon="copy" onClick={() => view.copy(keyOf(path))}>
          {trans.__('Copy path')}
        </Button>
        {isFile && (
          <a className="jp-eodh-Button" href={href} download={path[path.length - 1]}>
            <Icon name="download" />
            {trans.__('Download')}
          </a>
        )}
      </div>
      <div
        className="jp-eodh-PageQuickLookBody"
        tabIndex={0}
        role="region"
        aria-label={trans.__('Quick look of %1', name)}
      >
        {entry.kind === 'value' ? (
          <JsonTree value={entry.value} trans={trans} />
        ) : (
          <Look view={view} path={path} entry={entry} />
        )}
        <pre className="jp-eodh-PageWell" aria-label={trans.__('As Python')}>
          {code}
        </pre>
      </div>
    </section>
  );
}

function Look({ view, path, entry }: IProps): JSX.Element {
  const { trans, runner } = view.workflows;
  const query = `${pathOf('jobs', view.jobID)}/preview?path=${encodeURIComponent(keyOf(path))}`;
  const {
    value: preview,
    error,
    again
  } = useAnswer(query, signal => runner.request<IPreview>(query, { signal }));
  if (error) {
    return (
      <div>
        <p>{trans.__('No preview: %1', clean(error.message))}</p>
        <Button icon="again" onClick={again}>
          {trans.__('Try again')}
        </Button>
      </div>
    );
  }
  if (!preview) {
    return <p aria-busy="true">{trans.__('Reading…')}</p>;
  }
  const size = preview.size_bytes ?? entry.size_bytes;
  const facts = [clean(preview.media_type ?? entry.media_type ?? '', 120)];
  if (size !== undefined) {
    facts.push(fileSize(size));
  }
  return (
    <>
      {preview.kind === 'image' || preview.kind === 'raster' ? (
        <RasterLook view={view} preview={preview} name={clean(path[path.length - 1], 200)} facts={facts} />
      ) : (
        <>
          <p className="jp-eodh-PageMuted">{facts.filter(Boolean).join(' · ')}</p>
          {preview.kind === 'table' && preview.table && <Table table={preview.table} view={view} />}
          {preview.kind === 'text' && (
            <>
              <pre className="jp-eodh-PageWell jp-eodh-PageFileText">{preview.text}</pre>
              {preview.is_cut && (
                <p className="jp-eodh-PageMuted">{trans.__('Only the beginning is shown.')}</p>
              )}
            </>
          )}
          {preview.kind === 'json' && <JsonTree value={preview.json} trans={trans} />}
          {preview.kind === 'stac' && <StacLook view={view} preview={preview} />}
          {preview.kind === 'zarr' && preview.zarr && <ZarrLook view={view} zarr={preview.zarr} />}
          {preview.kind === 'none' && entry.kind === 'directory' && (
            <p className="jp-eodh-PageMuted">
              {trans.__('A folder. Open it in the tree to see what it holds.')}
            </p>
          )}
          {preview.kind === 'none' && entry.kind !== 'directory' && (
            <p>
              {trans.__('No preview: %1.', clean(preview.reason ?? trans.__('not of this kind')))}{' '}
              {size !== undefined && trans.__('Download, %1.', fileSize(size))}
            </p>
          )}
        </>
      )}
    </>
  );
}

function Table(props: { table: NonNullable<IPreview['table']>; view: PageView }): JSX.Element {
  const { columns, rows, is_cut } = props.table;
  const { trans } = props.view.workflows;
  const isNumber = columns.map((_, at) => rows.every(row => !row[at] || !Number.isNaN(Number(row[at]))));
  return (
    <>
      <table className="jp-eodh-PageTable jp-mod-fit">
        <thead>
          <tr>
            {columns.map((column, at) => (
              <th key={at} scope="col" className={isNumber[at] ? 'jp-mod-number' : ''}>
                {clean(column, 80)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <tr key={at}>
              {row.map((cell, place) => (
                <td key={place} className={isNumber[place] ? 'jp-mod-number' : ''}>
                  {clean(cell, 200)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {is_cut && (
        <p className="jp-eodh-PageMuted">{trans._n('The first row.', 'The first %1 rows.', rows.length)}</p>
      )}
    </>
  );
}
