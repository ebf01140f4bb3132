import { ISignal, Signal } from '@lumino/signaling';
import { CommandRegistry } from '@lumino/commands';
import { Clipboard } from '@jupyterlab/apputils';
import { JobModel } from '../model/job';
import { CommandIDs, IWorkflows } from '../tokens';

export const TABS = ['overview', 'log', 'results', 'inputs', 'resources', 'provenance'] as const;
export type Tab = (typeof TABS)[number];

/** What of a job is looked at; kept in the layout. */
export interface IPlace {
  tab: Tab;
  /** Key of a row of steps: a node, or the path of a step run. */
  step: string | null;
  /** Path of a result. */
  path: string | null;
}

/** What the parts of one page share. */
export class PageView {
  constructor(
    readonly workflows: IWorkflows,
    readonly commands: CommandRegistry,
    readonly jobID: string,
    place: Partial<IPlace>
  ) {
    this.model = workflows.jobs.get(jobID);
    this._place = { tab: 'overview', step: null, path: null, ...given(place) };
  }

  readonly model: JobModel;

  get place(): IPlace {
    return this._place;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Whether the page is in front; logs are read only then. */
  get isSeen(): boolean {
    return this._isSeen;
  }

  set isSeen(isSeen: boolean) {
    if (this._isSeen !== isSeen) {
      this._isSeen = isSeen;
      this._seen.emit(isSeen);
    }
  }

  get seen(): ISignal<this, boolean> {
    return this._seen;
  }

  go(place: Partial<IPlace>): void {
    this._place = { ...this._place, ...given(place) };
    this._changed.emit();
  }

  /** Tell whether another view of the product offers a command now. */
  can(command: string): boolean {
    return this.commands.hasCommand(command);
  }

  run(command: string, args: Record<string, any> = {}): void {
    if (this.can(command)) {
      void this.commands.execute(command, { jobID: this.jobID, ...args });
    }
  }

  copy(text: string): void {
    if (this.can(CommandIDs.copyText)) {
      this.run(CommandIDs.copyText, { text });
    } else {
      Clipboard.copyToSystem(text);
      this.workflows.announcer.polite(this.workflows.trans.__('Copied.'), 'copy');
    }
  }

  private _changed = new Signal<this, void>(this);
  private _isSeen = false;
  private _place: IPlace;
  private _seen = new Signal<this, boolean>(this);
}

function given(place: Partial<IPlace>): Partial<IPlace> {
  const { tab, step, path } = place;
  return {
    ...(TABS.includes(tab as Tab) ? { tab } : {}),
    ...(step !== undefined ? { step } : {}),
    ...(path !== undefined ? { path } : {})
  };
}
