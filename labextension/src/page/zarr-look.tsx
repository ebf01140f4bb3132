import * as React from 'react';
import { grouped } from '../model/format';
import { clean } from '../model/words';
import { IPreview } from '../model/wire';
import { PageView } from './view';

/** What a folder of Zarr holds: dimensions and variables, from its metadata alone. */
export function ZarrLook(props: { view: PageView; zarr: NonNullable<IPreview['zarr']> }): JSX.Element {
  const { format, dimensions, variables, is_cut } = props.zarr;
  const { trans } = props.view.workflows;
  const sizes = Object.entries(dimensions).map(([name, length]) => `${clean(name, 60)} ${grouped(length)}`);
  return (
    <>
      <p className="jp-eodh-PageMuted">
        {[
          trans.__('Zarr, format %1', format),
          trans._n('%1 variable', '%1 variables', variables.length),
          ...sizes
        ].join(' · ')}
      </p>
      <table className="jp-eodh-PageTable jp-mod-fit">
        <thead>
          <tr>
            <th scope="col">{trans.__('Variable')}</th>
            <th scope="col">{trans.__('Dimensions')}</th>
            <th scope="col">{trans.__('Type')}</th>
            <th scope="col">{trans.__('Chunks')}</th>
          </tr>
        </thead>
        <tbody>
          {variables.map(({ name, dimensions: along, shape, dtype, chunks }) => (
            <tr key={name}>
              <td>{clean(name || trans.__('(the array)'), 120)}</td>
              <td>{along.map((one, at) => `${clean(one, 60)} ${grouped(shape[at])}`).join(', ')}</td>
              <td>{clean(dtype, 60)}</td>
              <td>{chunks?.map(grouped).join(' × ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {is_cut && <p className="jp-eodh-PageMuted">{trans.__('Only the beginning is shown.')}</p>}
    </>
  );
}
