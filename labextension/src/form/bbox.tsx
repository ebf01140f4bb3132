import * as React from 'react';
import { Errors, Frame, isWrong } from './frame';
import { faultsAt, IControl, useForm } from './context';
import { shownDraft } from './draft';
import { Box, boxOf, sizeKm } from './extent';
import { boxFromText, GeometryError } from './geometry';
import { Map } from './map';
import { below } from './reading';
import { SIDES } from './reading-box';
import { TextInput } from './text';
import { labelOf } from './words';

/** A bounding box: on the map, or by its four numbers. */
export function BoxControl(props: IControl): JSX.Element {
  const context = useForm();
  const { model, trans, say } = context;
  const { field, draft, path, onDraft } = props;
  const [pasteProblem, setPasteProblem] = React.useState('');
  const shown = (shownDraft(field, draft) as string[] | undefined) ?? ['', '', '', ''];
  const box = boxOf(shown.join(' '));
  const isGood =
    box !== null && box[3] > box[1] && box.every((value, side) => Math.abs(value) <= (side % 2 ? 90 : 180));
  const names = [trans.__('West'), trans.__('South'), trans.__('East'), trans.__('North')];
  const take = (next: Box) => {
    setPasteProblem('');
    onDraft(next.map(String));
  };
  const onPaste = (event: React.ClipboardEvent) => {
    const text = event.clipboardData.getData('text');
    try {
      const found = boxFromText(text);
      if (found) {
        event.preventDefault();
        take(found);
        say(trans.__('West %1, South %2, East %3, North %4.', ...found));
      }
    } catch (error) {
      if (!(error instanceof GeometryError)) {
        throw error;
      }
      event.preventDefault();
      setPasteProblem(trans.__('What was pasted is no area: %1.', error.message));
    }
  };
  return (
    <Frame {...props} isGroup note={<BoxNote box={isGood ? box : null} />}>
      <Map label={labelOf(field)} box={isGood ? box : null} onBox={take} />
      <div className="jp-eodh-Sides">
        {SIDES.map((side, index) => {
          const place = below(path, side);
          const part = {
            name: side,
            label: names[index],
            kind: 'number' as const,
            required: field.required,
            default: draft === undefined ? shown[index] || undefined : undefined
          };
          return (
            <div key={side}>
              <TextInput
                field={part}
                draft={draft === undefined ? undefined : shown[index]}
                path={place}
                isWrong={isWrong(context, path)}
                placeholder=""
                label={`${labelOf(field)}: ${names[index]}`}
                inputMode="decimal"
                onDraft={() => undefined}
                onText={text => {
                  setPasteProblem('');
                  const next = shown.map((old, at) => (at === index ? text : old));
                  onDraft(next.every(one => one === '') ? undefined : next);
                }}
                onPaste={onPaste}
              />
              <div className="jp-eodh-Field-help jp-mod-close">{names[index]}</div>
            </div>
          );
        })}
      </div>
      {SIDES.map(side => {
        const place = below(path, side);
        return <Errors key={side} id={`${context.id}-${place}-error`} messages={faultsAt(model, place)} />;
      })}
      <Errors id={`${context.id}-${path}-paste`} messages={pasteProblem ? [pasteProblem] : []} />
    </Frame>
  );
}

function BoxNote({ box }: { box: Box | null }): JSX.Element {
  const { trans } = useForm();
  const paste = trans.__('Paste “west, south, east, north”, GeoJSON or WKT into any of the four.');
  if (!box) {
    return <>{paste}</>;
  }
  const size = sizeKm(box).map(km => (km < 10 ? km.toFixed(1) : String(Math.round(km))));
  return (
    <>
      {trans.__('About %1 × %2 km.', ...size)}{' '}
      {box[0] > box[2] && `${trans.__('It crosses the date line.')} `}
      {paste}
    </>
  );
}
