import * as React from 'react';
import { Clipboard, ReactWidget } from '@jupyterlab/apputils';
import { CommandRegistry } from '@lumino/commands';
import { MessageLoop } from '@lumino/messaging';
import { Menu, Widget } from '@lumino/widgets';
import { ProblemError } from '../model/runner';
import { CommandIDs, IWorkflows } from '../tokens';
import { processIcon } from '../ui/lab-icon';
import { Button, Note } from '../ui/parts';
import { IFormContext } from './context';
import { Drafts } from './draft';
import { controlIn, focusAt, nextOf } from './focus';
import { stringifyExact } from './json';
import { FormModel, IForm } from './model';
import { moreMenu } from './more-menu';
import { choosePast } from './past';
import { IFault } from './reading';
import { snippetOf } from './snippet';
import { FormSource, IElsewhere, IHistory } from './source';
import { FormView, ISnippet, oncePerField, Outcome } from './view';

/** What a form needs of the page around it. */
export interface IFormServices {
  workflows: IWorkflows;
  commands: CommandRegistry;
  source: FormSource;
  browse: IFormContext['browse'];
  dropped: IFormContext['dropped'];
  /** Folder on the server's disk where the file browser begins. */
  root(): Promise<string>;
  /** Drafts of a form that was left without being closed. */
  keep(id: string, drafts: Drafts | null): void;
  kept(id: string): Promise<Drafts | null>;
}

let count = 0;

/** The tab "Launch {process}". */
export class LaunchForm extends ReactWidget {
  constructor(
    readonly processID: string,
    readonly fromJob: string | null,
    private _services: IFormServices
  ) {
    super();
    const { trans } = _services.workflows;
    this.id = `eodh-form-${++count}`;
    this.addClass('jp-eodh');
    this.addClass('jp-eodh-Form');
    this.title.label = trans.__('Launch %1', processID);
    this.title.caption = trans.__('Launch %1', processID);
    this.title.icon = processIcon;
    this.title.closable = true;
    this.node.tabIndex = -1;
    this.node.addEventListener('keydown', event => this._onKey(event), true);
    void this._load();
  }

  /** Name of what is kept for this form. */
  get keepName(): string {
    return `${this.processID}\u0000${this.fromJob ?? ''}`;
  }

  dispose(): void {
    if (!this.isDisposed) {
      this._endFollow?.();
      this._bringing?.abort();
      this._menu?.dispose();
      window.clearTimeout(this._keepTimer);
      // A page that is left disposes of nothing; this form was closed.
      this._services.keep(this.keepName, null);
      super.dispose();
    }
  }

  protected onAfterAttach(message: any): void {
    super.onAfterAttach(message);
    // The tab's own widget calls every content the same.
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', this.title.label);
  }

  protected onActivateRequest(): void {
    const { activeElement } = document;
    if (activeElement === this.node || !this.node.contains(activeElement)) {
      const control = this._firstControl() ?? this.node;
      control.focus();
      this._model?.spare(control.dataset.path ?? '');
      // As Tab does: what is typed takes the place of a default.
      (control as Partial<HTMLInputElement>).select?.();
    }
  }

  protected render(): JSX.Element {
    const { trans } = this._services.workflows;
    if (this._failure) {
      return (
        <Note icon="failed" kind="bad">
          <b>{trans.__('The form cannot be shown.')}</b> {this._failure}{' '}
          <Button onClick={() => void this._load()}>{trans.__('Try again')}</Button>
        </Note>
      );
    }
    if (!this._model) {
      return <></>;
    }
    return (
      <FormView
        context={this._context(this._model)}
        history={this._history}
        outcome={this._outcome}
        snippet={this._snippet}
        notes={this._notes()}
        canInsert={this._services.commands.hasCommand(CommandIDs.insertCode)}
        onLaunch={() => void this.launch()}
        onOpen={jobID => void this._open(jobID)}
        onFill={() => void this._choosePast()}
        onMore={event => this._openMenu(event.currentTarget as HTMLElement)}
        onCode={language => this._showCode(language)}
        onCopy={code => this._copy(code)}
        onInsert={code => this._insert(code)}
        onCloseSnippet={() => this._set(() => (this._snippet = null))}
        onFault={fault => focusAt(this.node, fault.path)}
      />
    );
  }

  /** Send the form once; what keeps it from being sent is shown and focused. */
  async launch(): Promise<void> {
    const model = this._model;
    if (!model || this._outcome.kind === 'busy') {
      return;
    }
    const { announcer, trans } = this._services.workflows;
    model.showAll();
    const faults = oncePerField(model.faults);
    if (faults.length > 0) {
      this._set(() => (this._outcome = { kind: 'none' }));
      this._sayFaults(faults);
      return;
    }
    this._set(() => (this._outcome = { kind: 'busy' }));
    try {
      const job = await this._services.source.launch(model, await this._bring(model));
      model.renewKey();
      this._services.workflows.workspace.launched.add(job.jobID);
      this._set(() => (this._outcome = { kind: 'launched', jobID: job.jobID }));
      announcer.polite(trans.__('%1 accepted.', this.processID), job.jobID);
      await this._open(job.jobID);
    } catch (error) {
      this._refused(model, error as Error);
    }
  }

  /** Send files of this disk where the runner does not see it. */
  private async _bring(model: FormModel): Promise<Record<string, unknown>> {
    if (this._elsewhere === null) {
      return model.values;
    }
    this._bringing = new AbortController();
    return this._services.source.bring(
      model.values,
      bringing => this._set(() => (this._outcome = { kind: 'busy', bringing })),
      this._bringing.signal
    );
  }

  private _refused(model: FormModel, error: Error): void {
    const problem = error instanceof ProblemError ? error.problem : {};
    const others = model.refuse(problem.invalid ?? {});
    const isAtFields = problem.invalid && others.length === 0;
    const message = others.length > 0 ? others.join(' ') : error.message;
    this._set(
      () =>
        (this._outcome = isAtFields ? { kind: 'none' } : { kind: 'refused', message, remedy: problem.remedy })
    );
    if (isAtFields) {
      this._sayFaults(oncePerField(model.shownFaults));
    } else {
      this._services.workflows.announcer.assertive(message);
    }
  }

  private _sayFaults(faults: IFault[]): void {
    const { announcer, trans } = this._services.workflows;
    const words = trans._n('%1 input needs attention.', '%1 inputs need attention.', faults.length);
    announcer.assertive(`${words} ${faults[0].label}: ${faults[0].message}`);
    focusAt(this.node, faults[0].path);
  }

  private _onKey(event: KeyboardEvent): void {
    const isLaunch = event.key === 'Enter' && (event.ctrlKey || event.metaKey);
    if (isLaunch && !event.repeat) {
      void this.launch();
    } else if (event.key === 'F8') {
      this._nextFault(event.shiftKey ? -1 : 1);
    } else if (event.key === 'Escape' && this._snippet) {
      this._set(() => (this._snippet = null));
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  private _nextFault(by: number): void {
    const { announcer, trans } = this._services.workflows;
    const faults = oncePerField(this._model?.faults ?? []);
    if (faults.length === 0) {
      announcer.polite(trans.__('Nothing needs attention.'));
      return;
    }
    const next = nextOf(faults, by);
    this._model!.visit(next.path);
    focusAt(this.node, next.path);
  }

  private _firstControl(): HTMLElement | null {
    return controlIn(this.node.querySelector<HTMLElement>('.jp-eodh-Form-columns'));
  }

  private async _load(): Promise<void> {
    const { source, workflows } = this._services;
    try {
      const [form, origin, root, kept, elsewhere] = await Promise.all([
        source.form(this.processID),
        this.fromJob ? source.origin(this.fromJob) : null,
        this._services.root(),
        this._services.kept(this.keepName),
        source.elsewhere()
      ]);
      this._elsewhere = elsewhere;
      this._start(form, root);
      this._left = origin ? this._model!.fill(origin) : [];
      if (kept) {
        this._model!.restore(kept);
      }
      this._set(() => (this._failure = ''));
      this._endFollow ??= workflows.stream.follow(null, {
        onEvent: event => {
          if (event.kind === 'process' && event.data.process_id === this.processID) {
            void this._checkRevision();
          }
        }
      });
      this._history = await source.history(this.processID).catch(() => null);
      MessageLoop.sendMessage(this, Widget.Msg.UpdateRequest);
      await this.renderPromise;
      // The form was activated before it had fields.
      if (document.activeElement === this.node) {
        this.onActivateRequest();
      }
    } catch (error) {
      this._set(() => (this._failure = (error as Error).message));
    }
  }

  private _start(form: IForm, root: string): void {
    const { trans } = this._services.workflows;
    const model = new FormModel(form, { trans, root });
    model.changed.connect(() => {
      if (this._outcome.kind === 'launched' || this._outcome.kind === 'refused') {
        this._set(() => (this._outcome = { kind: 'none' }));
      }
      window.clearTimeout(this._keepTimer);
      this._keepTimer = window.setTimeout(() => this._services.keep(this.keepName, model.kept), 500);
      if (this._snippet) {
        this._set(() => (this._snippet = snippetOf(model, this._snippet!.language)));
      }
    });
    this._model = model;
    this._cached = null;
  }

  /** The process was replaced: the form of the newest revision is offered, not forced. */
  private async _checkRevision(): Promise<void> {
    const form = await this._services.source.form(this.processID).catch(() => null);
    if (form && form.revision !== this._model?.form.revision) {
      this._set(() => (this._newer = form));
    }
  }

  private _takeNewer(): void {
    const { _newer: form, _model: model } = this;
    if (form && model) {
      this._start(form, model.context.root);
      if (model.origin) {
        this._model!.fill(model.origin);
      }
      this._model!.restore({ ...model.drafts });
      this._set(() => (this._newer = null));
    }
  }

  private _notes(): React.ReactNode[] {
    const { trans } = this._services.workflows;
    const notes: React.ReactNode[] = [];
    if (this._newer) {
      notes.push(
        <>
          {trans.__('%1 is now revision %2.', this.processID, this._newer.revision)}{' '}
          <button type="button" className="jp-eodh-Link" onClick={() => this._takeNewer()}>
            {trans.__('Use its inputs')}
          </button>
        </>
      );
    }
    if (this._left.length > 0) {
      const names = this._left.join(', ');
      notes.push(trans.__('Left out, as the process has no such input now: %1.', names));
    }
    return notes;
  }

  private _context(model: FormModel): IFormContext {
    const { browse, dropped, source, workflows } = this._services;
    this._cached ??= {
      id: this.id,
      model,
      trans: workflows.trans,
      browse,
      dropped,
      elsewhere: this._elsewhere,
      look: path => source.look(path, model.context.root),
      say: message => workflows.announcer.polite(message, this.id)
    };
    return this._cached;
  }

  private _showCode(language: ISnippet['language']): void {
    const snippet = snippetOf(this._model!, language);
    this._set(() => (this._snippet = snippet));
    this._copy(snippet.code);
  }

  private _copy(text: string): void {
    const { commands, workflows } = this._services;
    if (commands.hasCommand(CommandIDs.copyText)) {
      void commands.execute(CommandIDs.copyText, { text });
      return;
    }
    Clipboard.copyToSystem(text);
    workflows.announcer.polite(workflows.trans.__('Copied.'), this.id);
  }

  private _insert(code: string): void {
    void this._services.commands.execute(CommandIDs.insertCode, { code });
  }

  private async _open(jobID: string): Promise<void> {
    const { commands } = this._services;
    if (commands.hasCommand(CommandIDs.openJob)) {
      await commands.execute(CommandIDs.openJob, { jobID });
    } else if (commands.hasCommand(CommandIDs.openPanel)) {
      await commands.execute(CommandIDs.openPanel, { query: jobID });
    }
  }

  private async _choosePast(): Promise<void> {
    const { source, workflows } = this._services;
    const { announcer, trans } = workflows;
    const chosen = await choosePast(source, this.processID, trans);
    if (chosen === 'none') {
      const message = trans.__('%1 has no past job.', this.processID);
      announcer.assertive(message);
      this._set(() => (this._outcome = { kind: 'refused', message }));
    } else if (chosen) {
      const left = this._model!.fill(chosen);
      this._set(() => (this._left = left));
    }
  }

  private _openMenu(anchor: HTMLElement): void {
    const { trans } = this._services.workflows;
    const isEnabled = () => this._services.commands.hasCommand(CommandIDs.insertCode);
    const insert = (language: ISnippet['language']) => () =>
      this._insert(snippetOf(this._model!, language).code);
    this._menu ??= moreMenu([
      { label: trans.__('Insert as Python'), execute: insert('python'), isEnabled },
      { label: trans.__('Insert as Magic'), execute: insert('magic'), isEnabled },
      {
        label: trans.__('Copy Inputs as JSON'),
        execute: () => this._copy(stringifyExact(this._model!.values, '  '))
      },
      null,
      {
        label: trans.__('Start Over'),
        execute: () => {
          this._model!.fill(null);
          this._set(() => (this._left = []));
        }
      }
    ]);
    const { left, bottom } = anchor.getBoundingClientRect();
    this._menu.open(left, bottom);
  }

  private _set(change: () => void): void {
    change();
    this.update();
  }

  private _bringing: AbortController | null = null;
  private _cached: IFormContext | null = null;
  private _elsewhere: IElsewhere | null = null;
  private _endFollow: (() => void) | null = null;
  private _failure = '';
  private _history: IHistory | null = null;
  private _keepTimer = 0;
  private _left: string[] = [];
  private _menu: Menu | null = null;
  private _model: FormModel | null = null;
  private _newer: IForm | null = null;
  private _outcome: Outcome = { kind: 'none' };
  private _snippet: ISnippet | null = null;
}
