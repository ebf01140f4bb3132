import * as React from 'react';
import { ReactWidget } from '@jupyterlab/apputils';
import { CommandRegistry } from '@lumino/commands';
import { Message } from '@lumino/messaging';
import { clean } from '../model/words';
import { IEvent } from '../model/wire';
import { Workspace } from '../model/workspace';
import { IWorkflows } from '../tokens';
import { processIcon } from '../ui/lab-icon';
import { Page } from './page';
import { IPlace, PageView } from './view';

/** The page of one job. */
export class JobPage extends ReactWidget {
  constructor(
    private _workflows: IWorkflows,
    commands: CommandRegistry,
    jobID: string,
    place: Partial<IPlace>
  ) {
    super();
    this.view = new PageView(_workflows, commands, jobID, place);
    this.addClass('jp-eodh');
    this.addClass('jp-eodh-Page');
    this.node.setAttribute('role', 'region');
    this.node.tabIndex = -1;
    this.node.dataset.eodhJob = jobID;
    this.title.icon = processIcon;
    this.view.model.changed.connect(this._name, this);
    this._name();
  }

  readonly view: PageView;

  dispose(): void {
    if (!this.isDisposed) {
      this._leave();
      this.view.model.changed.disconnect(this._name, this);
      super.dispose();
    }
  }

  protected render(): JSX.Element {
    return <Page view={this.view} />;
  }

  protected onActivateRequest(_: Message): void {
    if (!this.node.contains(document.activeElement)) {
      const tab = this.node.querySelector<HTMLElement>('[role=tab][aria-selected=true]');
      (tab ?? this.node).focus();
    }
  }

  protected onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this._look();
  }

  protected onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this._look();
  }

  /** What nobody sees is not followed. */
  protected onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this._leave();
  }

  protected onBeforeDetach(message: Message): void {
    super.onBeforeDetach(message);
    this._leave();
  }

  private _look(): void {
    if (this._ends.length === 0 && this.isVisible) {
      const { jobs, workspace } = this._workflows;
      this._ends = [
        jobs.get(this.view.jobID).look(),
        // A job that has ended is followed by nobody; that it is removed comes this way.
        () => workspace.told.disconnect(this._hear, this)
      ];
      workspace.told.connect(this._hear, this);
      this.view.isSeen = true;
    }
  }

  private _leave(): void {
    this._ends.splice(0).forEach(end => end());
    this.view.isSeen = false;
  }

  private _hear(_: Workspace, event: IEvent): void {
    if (event.jobID === this.view.jobID && event.data.deleted) {
      void this.view.model.refresh();
    }
  }

  private _name(): void {
    const { trans } = this._workflows;
    const id = this.view.jobID.slice(0, 8);
    const process = clean(this.view.model.state?.job.processID ?? trans.__('Job'), 40);
    this.title.label = `${process} ${id}`;
    this.title.caption = trans.__('Job %1 of %2', this.view.jobID, process);
    this.node.setAttribute('aria-label', trans.__('Job %1 of %2', id, process));
  }

  private _ends: (() => void)[] = [];
}
