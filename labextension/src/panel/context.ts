import { MouseEvent } from 'react';
import { CommandRegistry } from '@lumino/commands';
import { addIcon, fileIcon, folderIcon } from '@jupyterlab/ui-components';
import { IStream } from '../model/stream';
import { IField, IJob, IProcess } from '../model/wire';
import { ITrans } from '../model/words';
import { Workspace } from '../model/workspace';
import { pathOf } from '../model/runner';
import { CommandIDs, IWorkflows } from '../tokens';
import { filterEntries, jobEntries, openMenu, processEntries } from './menus';
import { IRemedies } from './missing';
import { PanelModel } from './model';

export type Section = 'live' | 'processes' | 'jobs';

export interface IPlace {
  x: number;
  y: number;
}

/** What the panel's parts show and do, beside drawing. */
export class PanelContext {
  constructor(
    private _workflows: IWorkflows,
    readonly model: PanelModel,
    private _commands: CommandRegistry,
    private _onFold: (folded: Section[]) => void
  ) {
    const run = (command: string, args = {}) => void this._run(command, args);
    this.remedies = {
      start: () => void this.workspace.start(),
      restart: () => run(CommandIDs.restartRunner),
      signIn: () => this._signIn(),
      settings: () => run('settingeditor:open', { query: 'Workflows' }),
      log: () => run(CommandIDs.showRunnerLog),
      copy: text => run(CommandIDs.copyText, { text }),
      tryNow: () => {
        this.stream.tryNow();
        void this.workspace.refresh();
      },
      example: () => run(CommandIDs.tryExample),
      deployFile: () => run(CommandIDs.deployProcess, { file: true }),
      deployUrl: () => run(CommandIDs.deployProcess, { url: '' })
    };
  }

  readonly remedies: IRemedies;
  /** Sections whose rows are hidden. */
  readonly folded = new Set<Section>();

  get trans(): ITrans {
    return this._workflows.trans;
  }

  get workspace(): Workspace {
    return this._workflows.workspace;
  }

  get stream(): IStream {
    return this._workflows.stream;
  }

  announce(message: string): void {
    this._workflows.announcer.polite(message, 'panel');
  }

  fold(section: Section, isFolded: boolean): void {
    if (isFolded) {
      this.folded.add(section);
    } else {
      this.folded.delete(section);
    }
    this._onFold([...this.folded]);
  }

  refresh(): void {
    this.stream.tryNow();
    void this.workspace.start().then(() => this.model.load());
  }

  openJob(job: IJob, tab?: string): void {
    void this._run(CommandIDs.openJob, { jobID: job.jobID, ...(tab && { tab }) });
  }

  launch(process: IProcess): void {
    void this._run(CommandIDs.launchProcess, { processID: process.id });
  }

  dismiss(job: IJob): void {
    void this._run(CommandIDs.dismissJob, { jobID: job.jobID });
  }

  /** Give what the letters do on a row. */
  keys(job: IJob | undefined, process: IProcess | undefined): Record<string, () => void> {
    if (job) {
      return {
        l: () => this.openJob(job, 'log'),
        r: () => this.openJob(job, 'results'),
        g: () => this.openJob(job, 'overview'),
        e: () => void this._run(CommandIDs.launchProcess, { processID: job.processID, fromJob: job.jobID }),
        Delete: () => this.dismiss(job)
      };
    }
    if (process) {
      const processID = process.id;
      return {
        e: () => this.launch(process),
        Delete: () => void this._run(CommandIDs.undeployProcess, { processID })
      };
    }
    return {};
  }

  jobMenu(job: IJob, place: IPlace): void {
    openMenu(this._commands, jobEntries(job, this.trans), place, this.trans.__('Job'));
  }

  processMenu(process: IProcess, place: IPlace): void {
    const names = () => this._namesOf(process);
    const entries = processEntries(process, this.trans, names, this._commands);
    openMenu(this._commands, entries, place, this.trans.__('Process'));
  }

  filterMenu(place: IPlace): void {
    const { model, trans } = this;
    const entries = filterEntries(model.filter, this._named(), trans, change => model.narrow(change));
    openMenu(this._commands, entries, place, trans.__('Filters'));
  }

  addMenu(place: IPlace): void {
    const { trans } = this;
    const { deployProcess, newWorkflow } = CommandIDs;
    const entries = [
      { command: deployProcess, label: trans.__('Deploy this file or cell'), icon: addIcon, args: {} },
      {
        command: deployProcess,
        label: trans.__('Deploy a file…'),
        icon: folderIcon,
        args: { file: true }
      },
      { command: deployProcess, label: trans.__('Deploy from a URL…'), args: { url: '' } },
      null,
      { command: newWorkflow, label: trans.__('New workflow file'), icon: fileIcon }
    ];
    openMenu(this._commands, entries, place, trans.__('Deploy a process…'));
  }

  moreMenu(place: IPlace, openDetails: () => void): void {
    const { trans } = this;
    const sections: [Section, string][] = [
      ['live', trans.__('Live')],
      ['processes', trans.__('Processes')],
      ['jobs', trans.__('Jobs')]
    ];
    const entries = [
      ...sections.map(([section, label]) => ({
        command: section,
        label,
        isOn: !this.folded.has(section),
        run: () => {
          this.fold(section, !this.folded.has(section));
          void this.model.redraw();
        }
      })),
      null,
      { command: 'details', label: trans.__('Runner details'), run: openDetails },
      { command: CommandIDs.showRunnerLog, label: trans.__('Runner log') },
      { command: 'settings', label: trans.__('Settings'), run: this.remedies.settings }
    ];
    openMenu(this._commands, entries, place, trans.__('More'));
  }

  /** Processes by which jobs can be narrowed: also while the list shows none. */
  private _named(): IProcess[] {
    const { processes } = this.model;
    const seen = new Map(processes.map(process => [process.id, process]));
    for (const { processID: id } of [...this.model.jobs, ...this.model.live]) {
      seen.set(id, seen.get(id) ?? { id, version: '', mutable: true });
    }
    return [...seen.values()];
  }

  /** Give the inputs of a process that have no default. */
  private async _namesOf(process: IProcess): Promise<string[]> {
    const path = `${pathOf('processes', process.id)}/form`;
    const { fields } = await this._workflows.runner.request<{ fields: IField[] }>(path);
    return fields.filter(field => field.required && field.default === undefined).map(field => field.name);
  }

  private async _run(command: string, args: Record<string, any>): Promise<void> {
    if (this._commands.hasCommand(command)) {
      await this._commands.execute(command, args);
    }
  }

  private _signIn(): void {
    const next = encodeURIComponent(window.location.pathname + window.location.search);
    window.location.assign(`${this._workflows.runner.settings.baseUrl}login?next=${next}`);
  }
}

/** Give where a menu opens: at the pointer, or by the keyboard below what has the focus. */
export function placeOf(event: MouseEvent): IPlace {
  if (event.type === 'contextmenu' && event.clientX > 0) {
    return { x: event.clientX, y: event.clientY };
  }
  const { left, bottom } = event.currentTarget.getBoundingClientRect();
  return { x: left, y: bottom };
}
