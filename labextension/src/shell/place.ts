import { JupyterFrontEnd, LabShell } from '@jupyterlab/application';
import { MessageLoop } from '@lumino/messaging';
import { SplitPanel, TabPanel, Widget } from '@lumino/widgets';

/** Show a widget in the main area, or below it where that holds one document alone, as in Notebook 7. */
export function place(shell: JupyterFrontEnd.IShell, widget: Widget, type: string): void {
  if (!widget.isAttached) {
    shell.add(widget, 'main', { type });
    // JupyterLab may add it later, once it knows its layout.
    if (!widget.isAttached && !(shell instanceof LabShell)) {
      shell.add(widget, 'down', { type });
    }
  }
  const area = areaOf(widget);
  if (area instanceof TabPanel) {
    area.currentWidget = widget;
  }
  shell.activateById(widget.id);
  MessageLoop.flush();
  makeRoom(area);
}

/** Give the part of the window, among those one above the other, that a widget is in. */
function areaOf(widget: Widget): Widget {
  let area = widget;
  while (area.parent && !isStack(area.parent)) {
    area = area.parent;
  }
  return area;
}

/** An area that nothing was in opens as high as its tabs: give it half of the height. */
function makeRoom(area: Widget): void {
  const stack = area.parent;
  if (isStack(stack) && area.node.offsetHeight < stack.node.offsetHeight / 8) {
    stack.setRelativeSizes(stack.widgets.map(() => 1));
  }
}

function isStack(widget: Widget | null): widget is SplitPanel {
  return widget instanceof SplitPanel && widget.orientation === 'vertical';
}
