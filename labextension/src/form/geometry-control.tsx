import * as React from 'react';
import { IControl, useForm } from './context';
import { shownDraft } from './draft';
import { Box } from './extent';
import { Frame } from './frame';
import { extentOf, IGeometry, parseGeometry, polygonOf, typesOf } from './geometry';
import { Map } from './map';
import { TextInput } from './text';
import { labelOf } from './words';

/** A geometry: pasted or typed as GeoJSON or WKT and shown on the map, or a box drawn on it. */
export function GeometryControl(props: IControl): JSX.Element {
  const { trans } = useForm();
  const { field, draft, onDraft } = props;
  const text = String(shownDraft(field, draft) ?? '');
  const geometry = React.useMemo(() => parsed(text), [text]);
  const types = typesOf(field.schema);
  const draw = (box: Box) => {
    const isPoint = types.includes('Point') && !types.some(type => /Polygon|Feature/.test(type));
    const next = isPoint
      ? { type: 'Point', coordinates: [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2] }
      : polygonOf(box);
    onDraft(JSON.stringify(next));
  };
  return (
    <Frame {...props} isText note={trans.__('Paste GeoJSON or WKT, or draw a box on the map.')}>
      <Map
        label={labelOf(field)}
        box={geometry ? extentOf(geometry) : null}
        geometry={geometry}
        onBox={draw}
      />
      <div className="jp-eodh-Below">
        <TextInput {...props} isMono onText={given => onDraft(given === '' ? undefined : given)} />
      </div>
    </Frame>
  );
}

function parsed(text: string): IGeometry | null {
  try {
    return text.trim() ? parseGeometry(text) : null;
  } catch {
    // What is wrong stands below the field.
    return null;
  }
}
