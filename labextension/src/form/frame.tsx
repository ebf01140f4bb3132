import * as React from 'react';
import { clean } from '../model/words';
import { Icon } from '../ui/parts';
import { faultsAt, IControl, idOf, useForm } from './context';
import { hasDefault } from './draft';
import { labelOf, typeWords, valueWords } from './words';

interface IFrameProps extends IControl {
  /** Whether the control is several parts under one label. */
  isGroup?: boolean;
  /** Whether messages of parts within are shown here. */
  isDeep?: boolean;
  /** Whether deleting the text is enough to clear it. */
  isText?: boolean;
  /** More of what there is to know, behind the help. */
  note?: React.ReactNode;
  /** Whether the label stands beside the control, as for a checkbox. */
  isBare?: boolean;
}

/** Whether fields stand in rows, their labels for screen readers alone. */
export const CompactContext = React.createContext(false);

/** A field's label, type, tag, control, help and messages, tied to each other for screen readers. */
export function Frame(props: React.PropsWithChildren<IFrameProps>): JSX.Element {
  const context = useForm();
  const { model } = context;
  const isCompact = React.useContext(CompactContext);
  const { field, path } = props;
  const id = idOf(context, path);
  const faults = faultsAt(model, path, props.isDeep);
  const isTop = !path.includes('/');
  const was = isTop && model.isChanged(field) ? wasWords(props, context) : null;
  const help = field.help && field.help !== field.label ? clean(field.help, 1000) : '';
  const group = props.isGroup
    ? { role: 'group', 'aria-labelledby': `${id}-label`, 'aria-describedby': describedBy(context, path) }
    : {};
  return (
    <div className="jp-eodh-Field" data-path={path} data-kind={field.kind} {...group}>
      {!props.isBare && (
        <div className={isCompact ? 'jp-eodh-Hidden' : 'jp-eodh-Field-head'}>
          {props.isGroup ? (
            <span className="jp-eodh-Field-label" id={`${id}-label`}>
              {labelOf(field)}
            </span>
          ) : (
            <label className="jp-eodh-Field-label" htmlFor={id}>
              {labelOf(field)}
            </label>
          )}
          <span className="jp-eodh-Field-type" id={`${id}-type`} title={typeWords(field, context.trans)}>
            {typeWords(field, context.trans)}
          </span>
          <Standing {...props} isChanged={was !== null} />
        </div>
      )}
      {props.children}
      <Errors id={`${id}-error`} messages={faults} />
      <div className="jp-eodh-Field-help" id={`${id}-help`}>
        {was && <span>{was} </span>}
        {help}
        {props.note && !isCompact && (
          <span>
            {help ? ' ' : ''}
            {props.note}
          </span>
        )}
      </div>
    </div>
  );
}

/** What is wrong at one place. */
export function Errors(props: { messages: string[]; id: string }): JSX.Element {
  return (
    <div id={props.id} className="jp-eodh-Field-errors">
      {props.messages.map((message, index) => (
        <div className="jp-eodh-Field-error" key={index}>
          <Icon name="failed" />
          <span>{message}</span>
        </div>
      ))}
    </div>
  );
}

/** Give the ids of what describes a control. */
export function describedBy(context: { id: string }, path: string): string {
  const id = `${context.id}-${path}`;
  return ['type', 'tag', 'error', 'help'].map(part => `${id}-${part}`).join(' ');
}

/** Whether it is needed, the default, set or changed; and the way back. */
export function Standing(props: IFrameProps & { isChanged: boolean }): JSX.Element {
  const context = useForm();
  const { trans } = context;
  const { field, draft, path, onDraft } = props;
  const isSet = draft !== undefined;
  const back = isSet && hasDefault(field);
  const clear = isSet && !hasDefault(field) && !field.required && !props.isText;
  const tag = props.isChanged
    ? trans.__('changed')
    : draft === ''
      ? trans.__('empty text')
      : Array.isArray(draft) && draft.length === 0
        ? trans.__('empty list')
        : field.required && !hasDefault(field)
          ? trans.__('required')
          : isSet
            ? null
            : hasDefault(field)
              ? trans.__('default')
              : trans.__('optional');
  return (
    <>
      <span className="jp-eodh-Field-space" />
      {tag && (
        <span
          className={`jp-eodh-Field-tag ${props.isChanged ? 'jp-mod-changed' : ''}`}
          id={idOf(context, path, 'tag')}
        >
          {tag}
        </span>
      )}
      {(back || clear) && (
        <button
          type="button"
          className="jp-eodh-Link jp-eodh-Field-back"
          title={back ? trans.__('Back to the default') : trans.__('Set nothing')}
          aria-label={
            back ? trans.__('Use default of %1', labelOf(field)) : trans.__('Clear %1', labelOf(field))
          }
          onClick={() => onDraft(undefined)}
        >
          {back ? trans.__('Use default') : trans.__('Clear')}
        </button>
      )}
    </>
  );
}

function wasWords(props: IControl, context: ReturnType<typeof useForm>): string {
  const { model, trans } = context;
  const had = model.origin?.inputs[props.field.name];
  const isDefault = had === undefined && hasDefault(props.field);
  const words = valueWords(props.field, isDefault ? props.field.default : had, trans);
  return isDefault ? trans.__('Was the default, %1.', words) : trans.__('Was %1.', words);
}

/** Whether a control stands at something that is not right. */
export function isWrong(context: ReturnType<typeof useForm>, path: string): boolean {
  return faultsAt(context.model, path).length > 0;
}
