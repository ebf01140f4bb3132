import * as React from 'react';
import { IField } from '../model/wire';
import { faultsAt, IControl, useForm } from './context';
import { shownDraft } from './draft';
import { Errors, Frame, isWrong } from './frame';
import { inWords, parseDateTime } from './moment';
import { below } from './reading';
import { isOfDays } from './reading-interval';
import { Calendar } from './suggest';
import { TextInput } from './text';
import { labelOf } from './words';

/** A date, or a date and time: typed, or taken from the calendar. */
export function MomentControl(props: IControl): JSX.Element {
  const { trans } = useForm();
  const { field, draft, onDraft } = props;
  const shown = String(shownDraft(field, draft) ?? '');
  const moment = field.kind === 'datetime' ? parseDateTime(shown) : null;
  return (
    <Frame {...props} isText note={moment ? trans.__('%1.', inWords(moment)) : undefined}>
      <MomentInput {...props} onText={onDraft} name={labelOf(field)} />
    </Frame>
  );
}

/** From and To, checked together. */
export function IntervalControl(props: IControl): JSX.Element {
  const context = useForm();
  const { trans } = context;
  const { field, draft, path, onDraft } = props;
  const shown = (shownDraft(field, draft) as string[] | undefined) ?? ['', ''];
  const names = [trans.__('From'), trans.__('To')];
  const isDays = isOfDays(field);
  return (
    <Frame {...props} isGroup>
      <div className="jp-eodh-Pair">
        {['from', 'to'].map((end, index) => {
          const text = shown[index];
          const part: IField = {
            name: end,
            label: names[index],
            kind: isDays ? 'date' : 'datetime',
            required: field.required,
            default: draft === undefined ? text || undefined : undefined
          };
          const moment = isDays ? null : parseDateTime(text);
          const place = below(path, end);
          return (
            <div key={end}>
              <MomentInput
                field={part}
                path={place}
                draft={draft === undefined ? undefined : text}
                isWrong={isWrong(context, path)}
                name={`${labelOf(field)}: ${names[index]}`}
                onDraft={() => undefined}
                onText={given => onDraft(shown.map((old, at) => (at === index ? given : old)))}
              />
              <div className="jp-eodh-Field-help jp-mod-close">
                {names[index]}
                {moment ? `: ${inWords(moment)}` : ''}
              </div>
              <Errors messages={faultsAt(context.model, place)} id={`${context.id}-${place}-error`} />
            </div>
          );
        })}
      </div>
    </Frame>
  );
}

interface IMomentInput extends IControl {
  name: string;
  isWrong?: boolean;
  onText(text: string): void;
}

function MomentInput(props: IMomentInput): JSX.Element {
  const { trans } = useForm();
  const { field, draft, onText } = props;
  const shown = String(shownDraft(field, draft) ?? '');
  const isDate = field.kind === 'date';
  // The calendar changes the day and keeps the time.
  const onDay = (day: string) => onText(isDate ? day : `${day}${shown.slice(10) || 'T00:00Z'}`);
  return (
    <TextInput
      {...props}
      label={props.name}
      placeholder={isDate ? 'YYYY-MM-DD' : 'YYYY-MM-DDThh:mmZ'}
      after={
        <Calendar label={trans.__('Calendar for %1', props.name)} day={shown.slice(0, 10)} onDay={onDay} />
      }
    />
  );
}
