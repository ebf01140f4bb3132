import { JupyterFrontEnd } from '@jupyterlab/application';
import { CodeEditor } from '@jupyterlab/codeeditor';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { DocumentRegistry } from '@jupyterlab/docregistry';
import { INotebookTracker } from '@jupyterlab/notebook';
import { Contents } from '@jupyterlab/services';

/** A document to deploy, and the way back to its lines. */
export interface ISource {
  /** What a person calls it. */
  name: string;
  text?: string;
  url?: string;
  /** Go to a line of the document, counted from 1; absent where there is no editor. */
  show?: (line: number, column: number) => Promise<void>;
}

/** Gives documents from where a person keeps them. */
export class Sources {
  constructor(
    private _app: JupyterFrontEnd,
    private _documents: IDocumentManager | null,
    private _notebooks: INotebookTracker | null
  ) {}

  /** Give a file's document, with changes that are not saved yet. */
  async file(path: string): Promise<ISource> {
    const open = this._documents?.findWidget(path);
    const text =
      open?.context.model.toString() ??
      ((await this._app.serviceManager.contents.get(path, TEXT)).content as string);
    return { name: path, text, show: (line, column) => this._showFile(path, line, column) };
  }

  /** Give the document of what is worked on: a file, or the active cell; null when there is none. */
  async active(): Promise<ISource | null> {
    const widget = this._app.shell.currentWidget;
    const notebook = this._notebooks?.currentWidget;
    if (notebook && (widget === notebook || !widget)) {
      const cell = notebook.content.activeCell;
      return cell?.editor ? fromCell(cell.model.sharedModel.getSource(), cell.editor) : null;
    }
    const context = widget && this._documents?.contextForWidget(widget);
    return context && isText(context) ? this.file(context.path) : null;
  }

  private async _showFile(path: string, line: number, column: number): Promise<void> {
    const widget = await this._app.commands.execute('docmanager:open', { path, factory: 'Editor' });
    await widget?.context?.ready;
    goTo(widget?.content?.editor, line, column);
  }
}

const TEXT: Contents.IFetchOptions = { type: 'file', format: 'text', content: true };

/** A cell of the magic holds the document behind its first line. */
export function fromCell(source: string, editor: CodeEditor.IEditor): ISource {
  const isMagic = /^\s*%%workflow\b/.test(source);
  const start = isMagic ? source.indexOf('\n') + 1 || source.length : 0;
  const skipped = source.slice(0, start).split('\n').length - 1;
  return {
    name: 'cell',
    text: source.slice(start),
    show: async (line, column) => goTo(editor, line + skipped, column)
  };
}

function goTo(editor: CodeEditor.IEditor | undefined, line: number, column: number): void {
  if (editor) {
    const position = { line: line - 1, column: Math.max(0, column - 1) };
    editor.setCursorPosition(position);
    editor.revealPosition(position);
    editor.focus();
  }
}

function isText(context: DocumentRegistry.Context): boolean {
  return context.contentsModel?.format === 'text' || context.contentsModel?.type === 'file';
}
