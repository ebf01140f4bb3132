import * as React from 'react';
import { clean } from '../model/words';
import { IControl } from './context';
import { add, IDecimal, parseDecimal, toNumber, toText } from './decimal';
import { shownDraft } from './draft';
import { Frame } from './frame';
import { TextInput } from './text';

/** A number; the arrow keys step it. */
export function NumberControl(props: IControl): JSX.Element {
  const { field, draft, onDraft } = props;
  const onKeyDown = (event: React.KeyboardEvent) => {
    const isStep = (event.key === 'ArrowUp' || event.key === 'ArrowDown') && !event.ctrlKey && !event.metaKey;
    if (isStep) {
      event.preventDefault();
      onDraft(stepped(props, event.key === 'ArrowUp' ? 1 : -1));
    }
  };
  return (
    <Frame {...props} isText>
      <TextInput
        {...props}
        inputMode={field.kind === 'integer' ? 'numeric' : 'decimal'}
        onText={onDraft}
        onLeave={() => {
          if (typeof draft === 'string' && draft.trim() === '') {
            onDraft(undefined);
          }
        }}
        onKeyDown={onKeyDown}
        after={field.unit && <span className="jp-eodh-Input-unit">{clean(field.unit, 20)}</span>}
      />
    </Frame>
  );
}

/** Give the text one step on, within the range. */
export function stepped({ field, draft }: Pick<IControl, 'field' | 'draft'>, direction: 1 | -1): string {
  const shown = shownDraft(field, draft);
  const now = parseDecimal(String(shown ?? ''));
  if (!now) {
    return String(field.minimum ?? field.maximum ?? 0);
  }
  const step = parseDecimal(String(field.step ?? '')) ?? lastPlace(now, field.kind === 'integer');
  const next = add(now, { ...step, digits: step.digits * BigInt(direction) });
  const value = toNumber(next);
  if (value === null || (field.minimum !== undefined && value < field.minimum)) {
    return String(field.minimum ?? shown);
  }
  return field.maximum !== undefined && value > field.maximum ? String(field.maximum) : toText(next);
}

function lastPlace(value: IDecimal, isWhole: boolean): IDecimal {
  return { digits: 1n, exponent: isWhole ? 0 : Math.min(0, value.exponent) };
}
