import * as React from 'react';
import { IControl, idOf, useForm } from './context';
import { hasDefault, shownDraft } from './draft';
import { describedBy, Frame, isWrong } from './frame';
import { AreaHelp, HelpButtons } from './suggest';

/** A text, short or long; what is deleted is not set, unless the empty text is meant. */
export function TextControl(props: IControl): JSX.Element {
  const context = useForm();
  const { trans } = context;
  const { field, draft, path, onDraft } = props;
  const [wasCleared, setCleared] = React.useState(false);
  const [isMapOpen, setMapOpen] = React.useState(false);
  const isExact = field.kind === 'json' || field.kind === 'geometry';
  const maySendEmpty =
    !isExact && field.kind !== 'secret' && !hasDefault(field) && draft === undefined && !field.min_length;
  const isOffered = maySendEmpty && (wasCleared || isWrong(context, path));
  const take = (text: string) => {
    setCleared(text === '');
    onDraft(text === '' && (!hasDefault(field) || isExact) ? undefined : text);
  };
  return (
    <Frame
      {...props}
      isText
      note={
        isOffered ? (
          <button type="button" className="jp-eodh-Link" onClick={() => onDraft('')}>
            {trans.__('Use the empty text')}
          </button>
        ) : field.kind === 'secret' ? (
          trans.__('The value itself is never shown, logged or saved in a notebook.')
        ) : undefined
      }
    >
      <TextInput
        {...props}
        onText={take}
        isMono={isExact}
        after={<HelpButtons {...props} isOpen={isMapOpen} onOpen={setMapOpen} onText={take} />}
      />
      <AreaHelp {...props} isOpen={isMapOpen} onText={take} />
    </Frame>
  );
}

interface ITextInput extends IControl {
  onText(text: string): void;
  onLeave?(): void;
  onKeyDown?: React.KeyboardEventHandler;
  onPaste?: React.ClipboardEventHandler;
  isMono?: boolean;
  /** What is wrong stands at the field that this is a part of. */
  isWrong?: boolean;
  before?: React.ReactNode;
  after?: React.ReactNode;
  inputMode?: 'decimal' | 'numeric';
  label?: string;
  placeholder?: string;
}

/** The box that a text is typed into; a default stands in it, muted, ready to be edited. */
export function TextInput(props: ITextInput): JSX.Element {
  const context = useForm();
  const { model, trans } = context;
  const { field, draft, path } = props;
  const shown = shownDraft(field, draft);
  const text = typeof shown === 'object' && 'text' in shown ? String(shown.text) : String(shown ?? '');
  const hasProblem = isWrong(context, path) || props.isWrong === true;
  const common = {
    id: idOf(context, path),
    'data-path': path,
    value: text,
    placeholder: props.placeholder ?? (field.required ? undefined : trans.__('not set')),
    'aria-label': props.label,
    'aria-describedby': describedBy(context, path),
    'aria-invalid': hasProblem || undefined,
    'aria-required': field.required || undefined,
    spellCheck: false,
    autoComplete: 'off',
    onBlur: () => {
      props.onLeave?.();
      model.visit(path);
    },
    onKeyDown: props.onKeyDown,
    onPaste: props.onPaste,
    onChange: (event: React.ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) =>
      props.onText(event.target.value)
  };
  const isLong = field.kind === 'long_text' || props.isMono;
  const classes = [
    'jp-eodh-Input',
    draft === undefined ? 'jp-mod-default' : '',
    hasProblem ? 'jp-mod-wrong' : '',
    isLong ? 'jp-mod-long' : '',
    props.isMono ? 'jp-mod-mono' : ''
  ];
  return (
    <div className={classes.filter(Boolean).join(' ')}>
      {props.before}
      {isLong ? (
        <textarea rows={3} {...common} />
      ) : (
        <input
          type={field.kind === 'secret' ? 'password' : 'text'}
          inputMode={props.inputMode}
          {...common}
          {...(field.kind === 'secret' ? { autoComplete: 'new-password' } : {})}
        />
      )}
      {props.after}
    </div>
  );
}
