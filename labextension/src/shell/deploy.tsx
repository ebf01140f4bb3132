import * as React from 'react';
import { Notification, ReactWidget } from '@jupyterlab/apputils';
import { CommandRegistry } from '@lumino/commands';
import { compareFields, IChanges, isCompatible } from '../model/compare';
import { pathOf, ProblemError } from '../model/runner';
import { IField, IProcess } from '../model/wire';
import { clean, ITrans } from '../model/words';
import { CommandIDs, IWorkflows } from '../tokens';
import { ask, complain } from './ask';
import { showFindings, showNotes } from './findings';
import { ISource } from './source';

interface ICheck {
  process: string;
  fields: IField[];
  outputs: Record<string, unknown>;
  warnings: string[];
}

interface IDeployed extends IProcess {
  /** What the best practice for application packages asks for and the document lacks. */
  warnings?: string[];
}

/** Deploys documents, and says what is wrong with them. */
export class Deployer {
  constructor(
    private _workflows: IWorkflows,
    private _commands: CommandRegistry
  ) {}

  /**
   * Deploy a document; asks before it replaces a process. Gives the id, or null when nothing was
   * deployed, which has been said then.
   */
  async deploy(source: ISource, isQuiet = false): Promise<string | null> {
    const { runner, trans } = this._workflows;
    try {
      let id: string;
      try {
        id = (await runner.request<IProcess>('processes', { method: 'POST', ...bodyOf(source) })).id;
      } catch (error) {
        if (!(error instanceof ProblemError) || error.status !== 409) {
          throw error;
        }
        const replaced = await this._replace(source);
        if (replaced === null) {
          return null;
        }
        id = replaced;
      }
      await this._tell(id, source, isQuiet);
      return id;
    } catch (error) {
      await this._refuse(error, source, trans);
      return null;
    }
  }

  /** Say whether a document could be deployed. */
  async check(source: ISource): Promise<void> {
    const { trans } = this._workflows;
    try {
      const { process, fields, outputs, warnings } = await this._read(source);
      const said = trans.__(
        '%1 can be deployed: %2, %3.',
        clean(process, 80),
        trans._n('%1 input', '%1 inputs', fields.length),
        trans._n('%1 output', '%1 outputs', Object.keys(outputs).length)
      );
      if (warnings.length > 0) {
        Notification.warning(`${said} ${clean(warnings.join(' '), 400)}`, { autoClose: false });
      } else {
        Notification.success(said, { autoClose: 5000 });
      }
    } catch (error) {
      await this._refuse(error, source, trans);
    }
  }

  private _read(source: ISource): Promise<ICheck> {
    return this._workflows.runner.request<ICheck>('check', { method: 'POST', ...bodyOf(source) });
  }

  private async _replace(source: ISource): Promise<string | null> {
    const { runner, trans, workspace } = this._workflows;
    const { process: id, fields } = await this._read(source);
    const path = pathOf('processes', id);
    const old = await runner.request<{ revision: number; fields: IField[] }>(`${path}/form`);
    const running = workspace.live.filter(job => job.processID === id).length;
    const isSure = await ask(
      trans.__('Replace %1?', clean(id, 80)),
      new ReplaceBody(
        compareFields(old.fields, fields, trans),
        isCompatible(old.fields, fields),
        running > 0
          ? trans._n(
              '%1 live job keeps revision %2.',
              '%1 live jobs keep revision %2.',
              running,
              old.revision
            )
          : '',
        trans
      ),
      trans.__('Keep revision %1', old.revision),
      trans.__('Replace'),
      true
    );
    if (!isSure) {
      return null;
    }
    await runner.request(path, { method: 'PUT', ...bodyOf(source) });
    return id;
  }

  private async _tell(id: string, source: ISource, isQuiet: boolean): Promise<void> {
    const { runner, trans, announcer } = this._workflows;
    const { revision = 1, warnings = [] } = await runner.request<IDeployed>(pathOf('processes', id));
    const said = trans.__('%1 deployed, revision %2.', clean(id, 80), revision);
    if (isQuiet) {
      announcer.polite(said, id);
      return;
    }
    const actions: Notification.IAction[] = [];
    if (warnings.length > 0) {
      const label = trans._n('%1 note', '%1 notes', warnings.length);
      actions.push({ label, callback: () => void showNotes(id, warnings, source, trans) });
    }
    if (this._commands.hasCommand(CommandIDs.launchProcess)) {
      const callback = () => void this._commands.execute(CommandIDs.launchProcess, { processID: id });
      actions.push({ label: trans.__('Launch…'), callback });
    }
    Notification.success(said, { autoClose: warnings.length > 0 ? 15000 : 5000, actions });
  }

  private async _refuse(error: unknown, source: ISource, trans: ITrans): Promise<void> {
    if (error instanceof ProblemError && error.status >= 400 && error.status < 500) {
      await showFindings(error.problem, source, trans);
    } else {
      complain(error, trans);
    }
  }
}

function bodyOf(source: ISource): RequestInit {
  return source.url !== undefined
    ? {
        body: JSON.stringify({ executionUnit: { href: source.url, type: 'application/cwl' } }),
        headers: { 'Content-Type': 'application/ogcapppkg+json' }
      }
    : { body: source.text ?? '', headers: { 'Content-Type': 'application/cwl+yaml' } };
}

/** What a replacement changes for callers. */
class ReplaceBody extends ReactWidget {
  constructor(
    private _changes: IChanges,
    private _isCompatible: boolean,
    private _running: string,
    private _trans: ITrans
  ) {
    super();
    this.addClass('jp-eodh');
    this.addClass('jp-eodh-Changes');
  }

  protected render(): JSX.Element {
    const { _changes: changes, _trans: trans } = this;
    const entries = (found: [string, string][]) =>
      found.length > 0
        ? found.map(([name, words]) => (
            <div key={name}>
              <code>{clean(name, 80)}</code>
              {words && `, ${words}`}
            </div>
          ))
        : trans.__('none');
    return (
      <>
        <dl>
          <dt>{trans.__('new')}</dt>
          <dd>{entries(changes.added)}</dd>
          <dt>{trans.__('changed')}</dt>
          <dd>{entries(changes.changed)}</dd>
          <dt>{trans.__('removed')}</dt>
          <dd>
            {entries(changes.removed.map(name => [name, '']))}
            {this._isCompatible && trans.__(': old calls still work')}
          </dd>
        </dl>
        {!this._isCompatible && <p>{trans.__('Calls that worked before may need a change.')}</p>}
        {this._running && <p>{this._running}</p>}
      </>
    );
  }
}
