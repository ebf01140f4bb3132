import * as React from 'react';
import { Button } from '../ui/parts';
import { IControl, useForm } from './context';
import { shownDraft } from './draft';
import { Box, boxOf } from './extent';
import { extentOf, GeometryError, IGeometry, parseGeometry, polygonOf } from './geometry';
import { Map } from './map';
import { parseDate } from './moment';
import { labelOf } from './words';

/** Beside a plain text that is meant as an area: a map that writes it. */
export function AreaHelp(
  props: IControl & { isOpen: boolean; onText(text: string): void }
): JSX.Element | null {
  const { field, draft, isOpen, onText } = props;
  const text = String(shownDraft(field, draft) ?? '');
  const geometry = field.suggests === 'geometry' ? geometryIn(text) : null;
  const box = field.suggests === 'bbox' ? boxOf(text) : geometry && extentOf(geometry);
  if (!isOpen) {
    return null;
  }
  const draw = (next: Box) =>
    onText(field.suggests === 'bbox' ? next.join(',') : JSON.stringify(polygonOf(next)));
  return (
    <div className="jp-eodh-Below">
      <Map label={labelOf(field)} box={box} geometry={geometry} onBox={draw} />
    </div>
  );
}

/** The buttons in a text that is meant as an area, a day or an interval. */
export function HelpButtons(
  props: IControl & { isOpen: boolean; onOpen(isOpen: boolean): void; onText(text: string): void }
): JSX.Element | null {
  const { trans } = useForm();
  const { field, draft, isOpen, onOpen, onText } = props;
  const text = String(shownDraft(field, draft) ?? '');
  switch (field.suggests) {
    case 'bbox':
    case 'geometry':
      return (
        <Button
          icon="box"
          kind="flat"
          className="jp-eodh-Input-button"
          aria-expanded={isOpen}
          aria-label={trans.__('Map for %1', labelOf(field))}
          title={trans.__('Draw on a map')}
          onClick={() => onOpen(!isOpen)}
        />
      );
    case 'date':
      return (
        <Calendar
          label={trans.__('Calendar for %1', labelOf(field))}
          day={text.slice(0, 10)}
          onDay={onText}
        />
      );
    case 'interval': {
      const [from = '', to = ''] = text.split('/');
      return (
        <>
          <Calendar
            label={trans.__('First day of %1', labelOf(field))}
            day={from}
            onDay={day => onText(`${day}/${to || '..'}`)}
          />
          <Calendar
            label={trans.__('Last day of %1', labelOf(field))}
            day={to}
            onDay={day => onText(`${from || '..'}/${day}`)}
          />
        </>
      );
    }
    default:
      return null;
  }
}

/** The button of a calendar, the browser's own. */
export function Calendar(props: { label: string; day: string; onDay(day: string): void }): JSX.Element {
  const input = React.useRef<HTMLInputElement>(null);
  return (
    <>
      <Button
        icon="calendar"
        kind="flat"
        className="jp-eodh-Input-button"
        aria-label={props.label}
        title={props.label}
        onClick={() => input.current?.showPicker?.()}
      />
      <input
        ref={input}
        className="jp-eodh-Input-calendar"
        type="date"
        tabIndex={-1}
        aria-hidden="true"
        value={parseDate(props.day) ?? ''}
        onChange={event => event.target.value && props.onDay(event.target.value)}
      />
    </>
  );
}

function geometryIn(text: string): IGeometry | null {
  try {
    return text.trim() ? parseGeometry(text) : null;
  } catch (error) {
    if (error instanceof GeometryError) {
      return null;
    }
    throw error;
  }
}
