import { Clipboard } from '@jupyterlab/apputils';
import { JupyterFrontEnd } from '@jupyterlab/application';
import { INotebookTracker, NotebookActions } from '@jupyterlab/notebook';
import { MessageLoop } from '@lumino/messaging';
import { IWorkflows } from '../tokens';

/** Put code into a cell below the active one and focus it; with no notebook open, copy it. */
export async function insertCode(
  app: JupyterFrontEnd,
  workflows: IWorkflows,
  notebooks: INotebookTracker | null,
  code: string
): Promise<void> {
  const panel = notebooks?.currentWidget;
  if (!panel) {
    copyText(workflows, code, workflows.trans.__('No notebook is open. Copied instead.'));
    return;
  }
  const { content } = panel;
  NotebookActions.insertBelow(content);
  content.activeCell?.model.sharedModel.setSource(code);
  app.shell.activateById(panel.id);
  // A notebook that was behind other tabs draws its cells, and takes the focus, once it is seen.
  MessageLoop.flush();
  await content.activeCell?.ready;
  content.mode = 'edit';
  content.activeCell?.editor?.focus();
  workflows.announcer.polite(workflows.trans.__('Cell added below.'), 'insert');
}

export function copyText(workflows: IWorkflows, text: string, said?: string): void {
  Clipboard.copyToSystem(text);
  workflows.announcer.polite(said ?? workflows.trans.__('Copied.'), 'copy');
}
