import * as React from 'react';
import { IControl, idOf, useForm } from './context';
import { Drafts, IUnionDraft, membersWithDefaults, shownDraft } from './draft';
import { FieldControl } from './field';
import { Frame } from './frame';
import { isShortMember, paired } from './layout';
import { below } from './reading';
import { labelOf, typeWords } from './words';

/** A record: its members, indented. */
export function RecordControl(props: IControl): JSX.Element {
  const { field, draft, path, onDraft } = props;
  const drafts = (draft ?? {}) as Drafts;
  const set = (name: string, next: unknown) => {
    const all = { ...drafts, [name]: next } as Drafts;
    const isEmpty = Object.values(all).every(one => one === undefined);
    onDraft(isEmpty ? undefined : all);
  };
  return (
    <Frame {...props} isGroup>
      <div className="jp-eodh-Record">
        {paired(membersWithDefaults(field), isShortMember).map(({ field: member, isHalf }) => (
          <div key={member.name} className={isHalf ? 'jp-mod-half' : ''}>
            <FieldControl
              field={member}
              draft={drafts[member.name]}
              path={below(path, member.name)}
              onDraft={next => set(member.name, next)}
            />
          </div>
        ))}
      </div>
    </Frame>
  );
}

/** One of several kinds of value: the kind above, its control below. */
export function UnionControl(props: IControl): JSX.Element {
  const context = useForm();
  const { trans } = context;
  const { field, draft, path, onDraft } = props;
  const shown = (shownDraft(field, draft) as IUnionDraft | undefined) ?? { kind: 0, drafts: [] };
  const choices = field.choices ?? [];
  const choice = choices[shown.kind];
  const set = (kind: number, next: unknown) => {
    const drafts = [...shown.drafts];
    drafts[kind] = next as IUnionDraft['drafts'][number];
    onDraft({ kind, drafts });
  };
  return (
    <Frame {...props} isGroup>
      <div className="jp-eodh-Record">
        <div className="jp-eodh-Field">
          <div className="jp-eodh-Field-head">
            <label className="jp-eodh-Field-label" htmlFor={idOf(context, path)}>
              {trans.__('Kind')}
            </label>
          </div>
          <div className="jp-eodh-Select">
            <select
              id={idOf(context, path)}
              value={shown.kind}
              onChange={event => onDraft({ ...shown, kind: Number(event.target.value) })}
            >
              {choices.map((one, index) => (
                <option key={index} value={index}>
                  {one.label && one.label !== one.name && one.label !== field.label
                    ? labelOf(one)
                    : typeWords(one, trans)}
                </option>
              ))}
            </select>
          </div>
        </div>
        {choice && (
          <FieldControl
            key={shown.kind}
            field={{ ...choice, label: trans.__('Value'), required: field.required }}
            draft={shown.drafts[shown.kind]}
            path={below(path, shown.kind)}
            onDraft={next => set(shown.kind, next)}
          />
        )}
      </div>
    </Frame>
  );
}
