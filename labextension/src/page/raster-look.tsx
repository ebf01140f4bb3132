import * as React from 'react';
import { grouped } from '../model/format';
import { clean } from '../model/words';
import { IPreview } from '../model/wire';
import { PageView } from './view';

/** Length of a degree of latitude, in km. */
const DEGREE_KM = 111.32;
const BAR_PX = 80;

interface IProps {
  view: PageView;
  preview: IPreview;
  name: string;
  facts: string[];
}

/** A picture that the runner drew, with what is known of the grid. */
export function RasterLook({ view, preview, name, facts }: IProps): JSX.Element {
  const { trans, runner } = view.workflows;
  const { raster } = preview;
  const [width, setWidth] = React.useState(0);
  const [isBroken, setBroken] = React.useState(false);
  const rows: [string, string][] = [[trans.__('Type'), facts.filter(Boolean).join(', ')]];
  if (raster) {
    const size = `${grouped(raster.width)} × ${grouped(raster.height)} px`;
    rows.push([
      trans.__('Size'),
      [size, trans._n('%1 band', '%1 bands', raster.bands), clean(raster.dtype, 40)].join(', ')
    ]);
    rows.push([trans.__('Projection'), raster.crs ? clean(raster.crs, 120) : trans.__('not told')]);
    if (raster.bbox) {
      rows.push([trans.__('Bounds (WGS 84)'), raster.bbox.map(value => degrees(value)).join(', ')]);
    }
    rows.push([
      trans.__('No data'),
      raster.nodata === undefined ? trans.__('not told') : String(raster.nodata)
    ]);
  }
  const bar = raster?.bbox && width > 0 ? scaleBar(raster.bbox, width) : null;
  return (
    <div className="jp-eodh-PageRaster">
      <figure>
        {preview.image && !isBroken ? (
          <img
            src={runner.url(preview.image)}
            alt={trans.__('Quick look of %1', name)}
            onLoad={event => setWidth(event.currentTarget.width)}
            onError={() => setBroken(true)}
          />
        ) : (
          <p>{preview.reason ? clean(preview.reason) : trans.__('The picture cannot be drawn.')}</p>
        )}
        {bar && (
          <figcaption>
            {bar.label} <span className="jp-eodh-PageScaleBar" style={{ width: bar.px }} aria-hidden="true" />
          </figcaption>
        )}
      </figure>
      <dl className="jp-eodh-PageFactList">
        {rows.map(([label, fact]) => (
          <React.Fragment key={label}>
            <dt>{label}</dt>
            <dd>{fact}</dd>
          </React.Fragment>
        ))}
      </dl>
    </div>
  );
}

/** Give a bar of a round length for a picture of these bounds (WGS 84), drawn this wide. */
export function scaleBar(bbox: number[], px: number): { label: string; px: number } | null {
  const [west, south, east, north] = bbox;
  const km = (east - west) * DEGREE_KM * Math.cos((((south + north) / 2) * Math.PI) / 180);
  const most = (km * BAR_PX) / px;
  if (!(most > 0) || !Number.isFinite(most)) {
    return null;
  }
  const power = 10 ** Math.floor(Math.log10(most));
  const round = [5, 2, 1].map(factor => factor * power).find(length => length <= most) ?? power;
  const label = round >= 1 ? `${round}\u00a0km` : `${Math.round(round * 1000)}\u00a0m`;
  return { label, px: (round / km) * px };
}

function degrees(value: number): string {
  return value.toFixed(4).replace('-', '−');
}
