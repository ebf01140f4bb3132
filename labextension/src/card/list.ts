import { fileSize } from '../model/format';
import { pathOf } from '../model/runner';
import { clean } from '../model/words';
import { CommandIDs } from '../tokens';
import { make, show, write } from '../ui/dom';
import { icon } from '../ui/icons';
import { button } from './button';
import { ICardHost } from './host';
import { cellFor, codeFor, iconOf, IResult, isPicture, resultTotal } from './result';

const QUICK_LOOK_PX = 224;

export interface IShown {
  results: IResult[];
  count: number;
  /** A card re-opened long after shows less. */
  isBrief: boolean;
}

/** Quick look, first results and the Python that reads them. */
export class ResultList {
  readonly node = make('div', 'jp-eodh-Results');

  constructor(
    private _host: ICardHost,
    private _jobID: string
  ) {
    this._look.hidden = true;
    this._look.append(this._image);
    const body = make('div', 'jp-eodh-ResultBody', this._look, make('div', 'jp-eodh-Text', this._table));
    this.node.append(body, this._python);
    this._python.hidden = true;
    this._table.append(this._caption, this._rows);
  }

  /** Show results; the same ones again change nothing. */
  show({ results, count, isBrief }: IShown, mayRead: boolean): void {
    const shown = results.slice(0, isBrief ? 2 : 4);
    const key = JSON.stringify([shown, count, isBrief, this._host.has(CommandIDs.openJob)]);
    if (key !== this._key) {
      this._key = key;
      const { trans } = this._host;
      write(this._caption, isBrief ? '' : resultTotal(results.slice(0, count), trans));
      this._rows.replaceChildren(...shown.map(result => this._row(result, isBrief)));
      if (count > shown.length) {
        const more = make('td', 'jp-eodh-More', trans.__('and %1 more', count - shown.length));
        more.colSpan = 4;
        this._rows.append(make('tr', '', more));
      }
      this._show_python(isBrief ? undefined : shown[0]);
    }
    const picture = isBrief ? undefined : results.find(isPicture);
    if (picture && mayRead) {
      void this._quickLook(picture);
    }
  }

  dispose(): void {
    this._isGone = true;
    URL.revokeObjectURL(this._address);
  }

  private _row(result: IResult, isBrief: boolean): HTMLElement {
    const { trans } = this._host;
    const title = result.text === null ? result.title : result.name;
    const name = this._host.has(CommandIDs.openJob) ? make('button', 'jp-eodh-Link', title) : title;
    if (name instanceof HTMLElement) {
      name.title = result.name;
      name.onclick = () =>
        this._host.execute(CommandIDs.openJob, { jobID: this._jobID, tab: 'results', path: result.name });
    }
    const actions = make('td', 'jp-eodh-RowActions');
    if (!isBrief) {
      if (this._host.has(CommandIDs.insertCode)) {
        actions.append(
          button('code', '', trans.__('Insert as Python variable: %1', title), () => this._insert(result))
        );
      }
      if (result.isFile) {
        actions.append(
          button('download', '', trans.__('Download %1', title), () =>
            this._host.download(this._path(result), result.title)
          )
        );
      }
    }
    const size = result.size === null ? '' : fileSize(result.size);
    return make(
      'tr',
      '',
      make('td', '', icon(iconOf(result)), name),
      make('td', 'jp-eodh-Kind', result.text ?? result.type),
      make('td', 'jp-eodh-Kind', size),
      actions
    );
  }

  private _show_python(result: IResult | undefined): void {
    show(this._python, result !== undefined);
    if (!result) {
      return;
    }
    const { trans } = this._host;
    const code = codeFor(this._jobID, result);
    const line = make('div', 'jp-eodh-Snippet', make('code', 'jp-eodh-Text', code));
    const cell = cellFor(this._jobID, result);
    if (this._host.has(CommandIDs.copyText)) {
      line.append(
        button('copy', '', trans.__('Copy'), () => this._host.execute(CommandIDs.copyText, { text: cell }))
      );
    }
    if (this._host.has(CommandIDs.insertCode)) {
      line.append(button('add', '', trans.__('Insert in a new cell below'), () => this._insert(result)));
    }
    this._python.replaceChildren(make('div', 'jp-eodh-Label', trans.__('Use in Python')), line);
  }

  private _insert(result: IResult): void {
    this._host.execute(CommandIDs.insertCode, { code: cellFor(this._jobID, result) });
  }

  private async _quickLook(result: IResult): Promise<void> {
    if (this._looked === result.name) {
      return;
    }
    this._looked = result.name;
    this._image.alt = this._host.trans.__('Quick look of %1', clean(result.title, 120));
    show(this._look, true);
    try {
      const query = `path=${encodeURIComponent(result.name)}&size=${QUICK_LOOK_PX}`;
      const path = `${pathOf('jobs', this._jobID, 'preview.png')}?${query}`;
      const picture = await this._host.runner.blob(path);
      if (picture.type.startsWith('image/') && !this._isGone) {
        this._address = URL.createObjectURL(picture);
        this._image.src = this._address;
        return;
      }
    } catch {
      // A file that cannot be drawn has no quick look.
    }
    show(this._look, false);
  }

  private _path(result: IResult): string {
    return pathOf('jobs', this._jobID, 'results', ...result.name.split('/'));
  }

  private _address = '';
  private _caption = make('caption');
  private _image = make('img');
  private _isGone = false;
  private _key = '';
  private _look = make('figure', 'jp-eodh-Look');
  private _looked = '';
  private _python = make('div', 'jp-eodh-Python');
  private _rows = make('tbody');
  private _table = make('table', 'jp-eodh-ResultTable');
}
