import * as React from 'react';
import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ReactWidget } from '@jupyterlab/apputils';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ISignal, Signal } from '@lumino/signaling';
import { percent, timeLeft } from '../model/format';
import { IJob } from '../model/wire';
import { clean, ITrans } from '../model/words';
import { Workspace } from '../model/workspace';
import { CommandIDs, IWorkflows } from '../tokens';
import { Icon } from '../ui/parts';

/** What the status bar says; null where there is nothing to say. */
export function statusWords(
  live: readonly IJob[],
  total: number,
  trans: ITrans
): { icon: string; text: string } | null {
  const [job] = live;
  if (!job) {
    return null;
  }
  if (total > 1) {
    return { icon: 'running', text: trans.__('%1 running', total) };
  }
  const facts = [
    job.status === 'accepted' ? trans.__('accepted') : percent(Math.min(99, job.progress ?? 0)),
    job.time_left_s !== undefined ? trans.__('%1 left', timeLeft(job.time_left_s)) : null
  ].filter(Boolean);
  return { icon: job.status, text: `${clean(job.processID, 40)} ${facts.join(', ')}` };
}

class StatusItem extends ReactWidget {
  constructor(
    private _workspace: Workspace,
    private _trans: ITrans,
    private _onOpen: () => void
  ) {
    super();
    this.addClass('jp-eodh-StatusItem');
    _workspace.changed.connect(this._refresh, this);
    _workspace.ended.connect((_, job) => {
      if (job.status === 'failed') {
        this._failed++;
        this._since ??= new Date().toTimeString().slice(0, 5);
        this._refresh();
      }
    });
  }

  get isActive(): boolean {
    return this._words() !== null || this._failed > 0 || this._isLost();
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  protected render(): JSX.Element {
    const trans = this._trans;
    const words = this._words();
    return (
      <button
        type="button"
        title={trans.__('Show the workflows panel')}
        onClick={() => {
          this._failed = 0;
          this._since = null;
          this._onOpen();
          this._refresh();
        }}
      >
        {words && (
          <span>
            <Icon name={words.icon} /> {words.text}
          </span>
        )}
        {this._failed > 0 && (
          <span>
            <Icon name="failed" /> {trans.__('%1 failed since %2', this._failed, this._since)}
          </span>
        )}
        {this._isLost() && (
          <span>
            <Icon name="offline" /> {trans.__('Runner not reached')}
          </span>
        )}
      </button>
    );
  }

  private _words(): ReturnType<typeof statusWords> {
    const { live, liveTotal, isUpToDate } = this._workspace;
    return isUpToDate ? statusWords(live, liveTotal, this._trans) : null;
  }

  /** Jobs were live when the way to the runner was lost. */
  private _isLost(): boolean {
    return this._workspace.live.length > 0 && !this._workspace.isUpToDate;
  }

  private _refresh(): void {
    if (!this._frame) {
      this._frame = requestAnimationFrame(() => {
        this._frame = 0;
        this._changed.emit();
        this.update();
      });
    }
  }

  private _changed = new Signal<this, void>(this);
  private _failed = 0;
  private _frame = 0;
  private _since: string | null = null;
}

export const status: JupyterFrontEndPlugin<void> = {
  id: '@eodh/jupyterlab-workflows:status',
  description: 'Live jobs in the status bar.',
  autoStart: true,
  requires: [IWorkflows],
  optional: [IStatusBar],
  activate: (app: JupyterFrontEnd, workflows: IWorkflows, bar: IStatusBar | null) => {
    if (bar) {
      const item = new StatusItem(workflows.workspace, workflows.trans, () => {
        void app.commands.execute(CommandIDs.openPanel);
      });
      bar.registerStatusItem('eodh-jobs', {
        item,
        align: 'right',
        rank: 20,
        isActive: () => item.isActive,
        activeStateChanged: item.changed as ISignal<any, void>
      });
    }
  }
};
