import { newestRunning } from '../model/job';
import { pathOf } from '../model/runner';
import { clean } from '../model/words';
import { IStep } from '../model/wire';
import { make, show, write } from '../ui/dom';
import { ICardHost } from './host';

const LINES = 3;
/** Three lines of 5,000 characters. */
const RANGE = 16384;
const FIRST_MS = 250;
const LAST_MS = 2000;

/** The last lines of what runs now; reads only while it is followed. */
export class LogTail {
  readonly node = make('div', 'jp-eodh-Tail');

  constructor(
    private _host: ICardHost,
    private _jobID: string
  ) {
    this.node.setAttribute('role', 'log');
    this.node.setAttribute('aria-live', 'off');
    this.node.setAttribute('aria-label', _host.trans.__('Last log lines'));
    for (let line = 0; line < LINES; line++) {
      const row = make('div', '', make('span', 'jp-eodh-Of'), make('span'));
      this._rows.push(row);
      this.node.append(row);
    }
    show(this.node, false);
  }

  get isEmpty(): boolean {
    return this._shown === '';
  }

  /** Follow the newest of the running steps; a change of them is looked at soon. */
  follow(steps: ReadonlyMap<string, IStep>, partOf: (step: IStep) => string): void {
    const step = newestRunning(steps);
    if (step?.log && step.path !== this._step?.path) {
      this._step = step;
      this._label = partOf(step);
      this._wait = FIRST_MS;
      this._next(0);
    } else if (step?.log && !this._timer && !this._isReading) {
      this._next(0);
    }
    if (!step) {
      this.pause();
    }
  }

  pause(): void {
    window.clearTimeout(this._timer);
    this._timer = 0;
    this._turn++;
    this._isReading = false;
  }

  private _next(wait: number): void {
    window.clearTimeout(this._timer);
    this._timer = window.setTimeout(() => void this._read(), wait);
  }

  private async _read(): Promise<void> {
    const step = this._step;
    if (!step?.log || this._isReading) {
      return;
    }
    const turn = this._turn;
    this._isReading = true;
    try {
      if (!document.hidden) {
        const path = pathOf('jobs', this._jobID, `${step.log}.log`);
        const part = await this._host.runner.blob(path, { headers: { Range: `bytes=-${RANGE}` } });
        const text = await part.text();
        if (turn === this._turn && step === this._step) {
          const isNew = this._show(lastLines(text, part.size >= RANGE), step);
          this._wait = isNew ? FIRST_MS : Math.min(LAST_MS, this._wait * 1.5);
        }
      }
    } catch {
      // A lost runner is told of by the card.
      this._wait = Math.min(LAST_MS, this._wait * 1.5);
    }
    if (turn === this._turn) {
      this._isReading = false;
      this._next(this._wait);
    }
  }

  private _show(lines: string[], step: IStep): boolean {
    const key = `${step.path}\n${lines.join('\n')}`;
    if (key === this._shown || lines.length === 0) {
      return false;
    }
    this._shown = key;
    this._rows.forEach((row, index) => {
      const line = lines[index];
      write(row.children[0], line === undefined ? '' : `${this._label}  `);
      write(row.children[1], line ?? '');
    });
    return true;
  }

  private _isReading = false;
  private _label = '';
  private _rows: HTMLElement[] = [];
  private _shown = '';
  private _step: IStep | null = null;
  private _timer = 0;
  private _turn = 0;
  private _wait = FIRST_MS;
}

/** Give the last lines of a part of a log, as a terminal would leave them. */
export function lastLines(text: string, isCut: boolean): string[] {
  const lines = text.split('\n');
  if (lines[lines.length - 1] === '') {
    lines.pop();
  }
  const last = lines.slice(-LINES);
  if (isCut && last.length && lines.length <= LINES) {
    last[0] = `…${last[0]}`;
  }
  // What a carriage return overwrote is gone.
  return last.map(line => clean(line.replace(/\r$/, '').split('\r').pop(), 500));
}
