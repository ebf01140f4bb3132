import * as React from 'react';
import { duration, fileSize, timeLeft } from '../model/format';
import { clean } from '../model/words';
import { IField } from '../model/wire';
import { Button, Icon, Note } from '../ui/parts';
import { FormContext, IFormContext } from './context';
import { FieldControl } from './field';
import { hasDefault } from './draft';
import { firstColumn, paired } from './layout';
import { FormModel } from './model';
import { IFault } from './reading';
import { IBringing, IHistory } from './source';

/** What became of the last launch. */
export type Outcome =
  | { kind: 'none' }
  | { kind: 'busy'; bringing?: IBringing }
  | { kind: 'launched'; jobID: string }
  | { kind: 'refused'; message: string; remedy?: string };

export interface ISnippet {
  language: 'python' | 'magic';
  code: string;
}

interface IViewProps {
  context: IFormContext;
  history: IHistory | null;
  outcome: Outcome;
  snippet: ISnippet | null;
  /** Things to know about where the form came from. */
  notes: React.ReactNode[];
  canInsert: boolean;
  onLaunch(): void;
  onOpen(jobID: string): void;
  onFill(): void;
  onMore(event: React.MouseEvent): void;
  onCode(language: ISnippet['language']): void;
  onCopy(code: string): void;
  onInsert(code: string): void;
  onCloseSnippet(): void;
  onFault(fault: IFault): void;
}

/** The launch form: head, fields in one or two columns, foot. */
export function FormView(props: IViewProps): JSX.Element {
  const { context, notes } = props;
  const { model, trans } = context;
  useSignal(model);
  const [isFolded, setFolded] = React.useState(false);
  const [onlyThese, setOnly] = React.useState<Set<string>>(new Set());
  const { fields } = model.form;
  const unchanged = model.origin ? fields.filter(field => !model.isChanged(field) && !field.required) : [];
  const shown = isFolded ? fields.filter(field => onlyThese.has(field.name)) : fields;
  const first = firstColumn(shown);
  const fold = () => {
    // What is folded stays so while fields change.
    setOnly(new Set(fields.filter(field => !unchanged.includes(field)).map(field => field.name)));
    setFolded(!isFolded);
  };
  return (
    <FormContext.Provider value={context}>
      <Head {...props} />
      <div className="jp-eodh-Form-body">
        {notes.map((note, index) => (
          <Note key={index} icon="info">
            {note}
          </Note>
        ))}
        {fields.length === 0 && (
          <p className="jp-eodh-Form-empty">{trans.__('This process takes no inputs.')}</p>
        )}
        <div className="jp-eodh-Form-columns">
          {[shown.slice(0, first), shown.slice(first)].map((column, index) => (
            <div key={index} className="jp-eodh-Form-column">
              {paired(column).map(({ field, isHalf }) => (
                <Top key={field.name} field={field} isHalf={isHalf} model={model} />
              ))}
            </div>
          ))}
        </div>
        {unchanged.length > 0 && (
          <button
            type="button"
            className="jp-eodh-Link jp-eodh-Form-fold"
            aria-expanded={!isFolded}
            onClick={fold}
          >
            {isFolded
              ? trans._n('%1 input unchanged', '%1 inputs unchanged', fields.length - shown.length)
              : trans._n('Hide %1 unchanged input', 'Hide %1 unchanged inputs', unchanged.length)}
          </button>
        )}
      </div>
      {props.snippet && <Snippet {...props} snippet={props.snippet} />}
      <Foot {...props} />
    </FormContext.Provider>
  );
}

function Top(props: { field: IField; isHalf: boolean; model: FormModel }): JSX.Element {
  const { field, model } = props;
  return (
    <div className={props.isHalf ? 'jp-mod-half' : ''}>
      <FieldControl
        field={field}
        draft={model.drafts[field.name]}
        path={field.name}
        onDraft={draft => model.set(field.name, draft)}
      />
    </div>
  );
}

function Head({ context, history, onFill, onMore }: IViewProps): JSX.Element {
  const { model, trans } = context;
  const { form, origin } = model;
  const defaults = form.fields.filter(hasDefault).length;
  const changes = model.changes.length;
  const inputs = trans._n('%1 input', '%1 inputs', form.fields.length);
  const facts = origin
    ? [
        <>
          {trans.__('Again from job')} <code title={origin.jobID}>{origin.jobID.slice(0, 8)}</code>
        </>,
        trans._n('%1 change', '%1 changes', changes)
      ]
    : [
        ...(form.revision ? [trans.__('Revision %1', form.revision)] : []),
        defaults ? `${inputs}, ${trans.__('%1 with defaults', defaults)}` : inputs,
        ...(history
          ? [
              trans.__('usually about %1', timeLeft(history.typical_s)) +
                ` (${trans._n('%1 past job', '%1 past jobs', history.count)})`
            ]
          : [])
      ];
  return (
    <div className="jp-eodh-Form-head">
      <Icon name="process" />
      <div className="jp-eodh-Text">
        <h2 className="jp-eodh-Form-title">{trans.__('Launch %1', clean(form.process, 120))}</h2>
        <div className="jp-eodh-Form-facts">
          {facts.map((fact, index) => (
            <React.Fragment key={index}>
              {index > 0 && ' · '}
              {fact}
            </React.Fragment>
          ))}
        </div>
      </div>
      <Button icon="back" onClick={onFill}>
        {trans.__('Fill from a past job…')}
      </Button>
      <Button
        icon="more"
        kind="flat"
        aria-label={trans.__('More')}
        title={trans.__('More')}
        aria-haspopup="menu"
        onClick={onMore}
      />
    </div>
  );
}

function Foot(props: IViewProps): JSX.Element {
  const { context, outcome, onLaunch, onCode } = props;
  const { trans } = context;
  return (
    <div className="jp-eodh-Form-foot">
      <Button
        icon="launch"
        kind="filled"
        className="jp-mod-large"
        aria-disabled={outcome.kind === 'busy' || undefined}
        aria-keyshortcuts="Control+Enter"
        onClick={event => {
          // The second click of a double click is not another launch.
          if (event.detail < 2) {
            onLaunch();
          }
        }}
      >
        {trans.__('Launch')}
      </Button>
      <div className="jp-eodh-Form-state">
        <State {...props} />
      </div>
      <Button icon="code" className="jp-mod-large" onClick={() => onCode('python')}>
        {trans.__('Copy as Python')}
      </Button>
      <Button icon="copy" className="jp-mod-large" onClick={() => onCode('magic')}>
        {trans.__('Copy as magic')}
      </Button>
    </div>
  );
}

function bringingWords(bringing: IBringing, trans: IFormContext['trans']): string {
  const { doing, name, done, size_bytes } = bringing;
  const words =
    doing === 'sending'
      ? trans.__('Sending %1: %2 of %3', clean(name, 80), fileSize(done), fileSize(size_bytes))
      : trans.__('Reading %1: %2 of %3', clean(name, 80), fileSize(done), fileSize(size_bytes));
  return words;
}

function State({ context, outcome, history, onFault, onOpen }: IViewProps): JSX.Element {
  const { model, trans } = context;
  const faults = oncePerField(model.shownFaults);
  const open = oncePerField(model.faults);
  if (outcome.kind === 'busy') {
    return <span>{outcome.bringing ? bringingWords(outcome.bringing, trans) : trans.__('Launching…')}</span>;
  }
  if (faults.length > 0) {
    const words = trans._n('%1 input needs attention:', '%1 inputs need attention:', faults.length);
    return (
      <>
        <Icon name="failed" />
        <span>
          {words} <Links faults={faults} onFault={onFault} />
        </span>
      </>
    );
  }
  if (outcome.kind === 'refused') {
    return (
      <>
        <Icon name="failed" />
        <span>
          {clean(outcome.message, 1000)} {outcome.remedy && clean(outcome.remedy, 500)}
        </span>
      </>
    );
  }
  if (outcome.kind === 'launched') {
    return (
      <>
        <Icon name="done" />
        <span>
          {trans.__('Launched as job')} <code>{outcome.jobID.slice(0, 8)}</code>.{' '}
          <button type="button" className="jp-eodh-Link" onClick={() => onOpen(outcome.jobID)}>
            {trans.__('Open the job')}
          </button>
        </span>
      </>
    );
  }
  if (open.length > 0) {
    return (
      <span className="jp-mod-muted">
        {trans.__('Still needed:')} <Links faults={open} onFault={onFault} />
      </span>
    );
  }
  return (
    <span className="jp-mod-muted">
      {trans.__('Ready.')} {history && trans.__('Usually about %1.', duration(history.typical_s))}
    </span>
  );
}

const MOST_LINKS = 6;

function Links({ faults, onFault }: { faults: IFault[]; onFault(fault: IFault): void }): JSX.Element {
  return (
    <>
      {faults.slice(0, MOST_LINKS).map((one, index) => (
        <React.Fragment key={one.path}>
          {index > 0 && ', '}
          <button type="button" className="jp-eodh-Link" title={one.message} onClick={() => onFault(one)}>
            {one.label}
          </button>
        </React.Fragment>
      ))}
      {faults.length > MOST_LINKS && ` +${faults.length - MOST_LINKS}`}
    </>
  );
}

/** Give the first fault at each place. */
export function oncePerField(faults: IFault[]): IFault[] {
  const seen = new Set<string>();
  return faults.filter(one => !seen.has(one.path) && seen.add(one.path));
}

function Snippet({
  context,
  snippet,
  canInsert,
  onCopy,
  onInsert,
  onCloseSnippet
}: IViewProps & { snippet: ISnippet }): JSX.Element {
  const { trans } = context;
  const label = snippet.language === 'python' ? trans.__('As Python') : trans.__('As magic');
  return (
    <section className="jp-eodh-FormCode" aria-label={label}>
      <pre tabIndex={0}>{snippet.code.trimEnd()}</pre>
      <div>
        <Button
          icon="copy"
          kind="flat"
          aria-label={trans.__('Copy')}
          title={trans.__('Copy')}
          onClick={() => onCopy(snippet.code)}
        />
        {canInsert && (
          <Button
            icon="add"
            kind="flat"
            aria-label={trans.__('Insert in a new cell')}
            title={trans.__('Insert in a new cell')}
            onClick={() => onInsert(snippet.code)}
          />
        )}
        <Button
          icon="cross"
          kind="flat"
          aria-label={trans.__('Close')}
          title={trans.__('Close')}
          onClick={onCloseSnippet}
        />
      </div>
    </section>
  );
}

/** Draw again when the form changes. */
function useSignal(model: FormModel): void {
  const [, draw] = React.useReducer((count: number) => count + 1, 0);
  React.useEffect(() => {
    model.changed.connect(draw);
    return () => {
      model.changed.disconnect(draw);
    };
  }, [model]);
}
