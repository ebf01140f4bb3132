import * as React from 'react';
import { ReactWidget } from '@jupyterlab/apputils';
import { Message } from '@lumino/messaging';
import { processIcon } from '../ui/lab-icon';
import { PanelContext } from './context';
import { Panel } from './panel';

/** The side panel: what runs, what can run, what ran. */
export class WorkflowPanel extends ReactWidget {
  constructor(readonly context: PanelContext) {
    super();
    const { trans } = context;
    this.id = 'eodh-panel';
    this.addClass('jp-eodh');
    this.title.icon = processIcon;
    this.title.caption = trans.__('Workflows');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Workflows'));
  }

  dispose(): void {
    if (!this.isDisposed) {
      this.context.model.dispose();
    }
    super.dispose();
  }

  protected render(): JSX.Element {
    return <Panel context={this.context} />;
  }

  protected onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.context.model.show();
  }

  protected onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    if (this.isVisible) {
      this.context.model.show();
    }
  }

  protected onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this.context.model.hide();
  }

  protected onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    void (this.renderPromise ?? Promise.resolve()).then(() => {
      if (!this.node.contains(document.activeElement)) {
        const row = this.node.querySelector<HTMLElement>('[data-key][tabindex="0"]');
        (row ?? this.node.querySelector<HTMLElement>('.jp-eodh-Panel'))?.focus();
      }
    });
  }
}
