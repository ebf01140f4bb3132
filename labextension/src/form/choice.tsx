import * as React from 'react';
import { clean } from '../model/words';
import { IControl, idOf, useForm } from './context';
import { hasDefault, shownDraft } from './draft';
import { describedBy, Frame, isWrong, Standing } from './frame';
import { stringifyExact } from './json';
import { labelOf } from './words';

const MOST_SEGMENTS = 4;
const MOST_CHARACTERS = 44;

/** Yes or no: a box to tick where one of them is given, else a choice of both. */
export function BooleanControl(props: IControl): JSX.Element {
  const context = useForm();
  const { model, trans } = context;
  const { field, draft, path, onDraft } = props;
  const shown = shownDraft(field, draft);
  if (!hasDefault(field)) {
    return (
      <Frame {...props} isGroup>
        <Segments
          control={props}
          texts={[trans.__('Yes'), trans.__('No')]}
          chosen={shown === undefined ? undefined : shown ? 0 : 1}
          onChoose={index => onDraft(index === 0)}
        />
      </Frame>
    );
  }
  return (
    <Frame {...props} isBare>
      <div className="jp-eodh-Field-head">
        <input
          type="checkbox"
          className="jp-eodh-Check"
          id={idOf(context, path)}
          data-path={path}
          checked={shown === true}
          aria-describedby={describedBy(context, path)}
          onBlur={() => model.visit(path)}
          onChange={event => onDraft(event.target.checked)}
        />
        <label className="jp-eodh-Field-label" htmlFor={idOf(context, path)}>
          {labelOf(field)}
        </label>
        <span className="jp-eodh-Field-type" id={idOf(context, path, 'type')}>
          {trans.__('yes or no')}
        </span>
        <Standing {...props} isChanged={!path.includes('/') && model.isChanged(field)} />
      </div>
    </Frame>
  );
}

/** One of several values: segments for a few short ones, else a list. */
export function ChoiceControl(props: IControl): JSX.Element {
  const context = useForm();
  const { model, trans } = context;
  const { field, draft, path, onDraft } = props;
  const texts = (field.options ?? []).map(optionText);
  const shown = shownDraft(field, draft) as number | undefined;
  const isFew = texts.length <= MOST_SEGMENTS && texts.join('').length <= MOST_CHARACTERS;
  if (isFew) {
    return (
      <Frame {...props} isGroup>
        <Segments control={props} texts={texts} chosen={shown} onChoose={onDraft} />
      </Frame>
    );
  }
  return (
    <Frame {...props}>
      <div className={`jp-eodh-Select ${isWrong(context, path) ? 'jp-mod-wrong' : ''}`}>
        <select
          id={idOf(context, path)}
          data-path={path}
          className={draft === undefined ? 'jp-mod-default' : ''}
          value={shown ?? ''}
          aria-describedby={describedBy(context, path)}
          aria-invalid={isWrong(context, path) || undefined}
          aria-required={field.required || undefined}
          onBlur={() => model.visit(path)}
          onChange={event => onDraft(event.target.value === '' ? undefined : Number(event.target.value))}
        >
          {(shown === undefined || !field.required) && !hasDefault(field) && (
            <option value="">{field.required ? '' : trans.__('not set')}</option>
          )}
          {texts.map((text, index) => (
            <option key={index} value={index}>
              {text}
            </option>
          ))}
        </select>
      </div>
    </Frame>
  );
}

function optionText(option: unknown): string {
  return clean(typeof option === 'string' ? option : stringifyExact(option), 120) || '\u201c\u201d';
}

interface ISegments {
  control: IControl;
  texts: string[];
  chosen: number | undefined;
  onChoose(index: number): void;
}

function Segments({ control, texts, chosen, onChoose }: ISegments): JSX.Element {
  const context = useForm();
  const { path, draft, field } = control;
  const id = idOf(context, path);
  const classes = [
    'jp-eodh-Segments',
    draft === undefined ? 'jp-mod-default' : '',
    isWrong(context, path) ? 'jp-mod-wrong' : ''
  ];
  return (
    <div
      className={classes.filter(Boolean).join(' ')}
      role="radiogroup"
      aria-labelledby={`${id}-label`}
      aria-required={field.required || undefined}
      onBlur={event => {
        if (!event.currentTarget.contains(event.relatedTarget)) {
          context.model.visit(path);
        }
      }}
    >
      {texts.map((text, index) => (
        <label key={index}>
          <input
            type="radio"
            name={id}
            data-path={index === (chosen ?? 0) ? path : undefined}
            checked={chosen === index}
            onChange={() => onChoose(index)}
          />
          <span>{text}</span>
        </label>
      ))}
    </div>
  );
}
