import { ISignal, Signal } from '@lumino/signaling';
import { IRunner, pathOf, ProblemError } from '../model/runner';
import { ILogPage } from '../model/wire';

/** Lines of one request. */
const PAGE = 200;
/** What is kept here; older lines are asked for again. */
const MOST_LINES = 20_000;
const MOST_CHARACTERS = 4_000_000;
/** A growing log is looked at four times a second at most, a silent one less. */
const GROWING_MS = 250;
const SILENT_MS = 1000;
const LOST_MS = 3000;

/** The lines of one log: those near the view and the newest, whatever its length. */
export class LogSource {
  constructor(
    private _runner: IRunner,
    jobID: string,
    log: string
  ) {
    this.path = `${pathOf('jobs', jobID)}/${pathOf(`${log}.log`)}`;
  }

  /** Of the log at the runner. */
  readonly path: string;
  /** Lines by now; null before the first answer. */
  total: number | null = null;
  sizeBytes = 0;
  isFinal = false;
  /** When it grew last (ms since the epoch). */
  grewAt = 0;
  error: Error | null = null;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isGone(): boolean {
    return this.error instanceof ProblemError && this.error.status === 404;
  }

  /** Give a line; undefined when it is not here yet. */
  line(at: number): string | undefined {
    return this._pages.get(Math.floor(at / PAGE))?.[at % PAGE];
  }

  /** Look at it as it grows, from its end on; gives what ends the look. */
  follow(): () => void {
    const control = new AbortController();
    void this._look(control.signal);
    return () => {
      control.abort();
      this._control?.abort();
    };
  }

  /** Get the lines in view, and those about them. */
  want(first: number, last: number): void {
    this._wanted = [first, last];
    if (!this._control) {
      void this._get();
    }
  }

  private async _look(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      let pause = LOST_MS;
      const began = Date.now();
      try {
        const before = this.sizeBytes;
        const query = `first=${-PAGE}&count=${PAGE}` + (this.total === null ? '' : `&longer_than=${before}`);
        const page = await this._ask(query, signal);
        this._take(page);
        this.error = null;
        pause = (page.size_bytes > before ? GROWING_MS : SILENT_MS) - (Date.now() - began);
        if (page.size_bytes > before || this.total === 0) {
          this.grewAt = Date.now();
        }
        this._changed.emit();
        if (page.is_final) {
          return;
        }
      } catch (error) {
        if (signal.aborted) {
          return;
        }
        this.error = error as Error;
        this._changed.emit();
        if (this.isGone) {
          return;
        }
      }
      await new Promise(resolve => window.setTimeout(resolve, Math.max(0, pause)));
    }
  }

  private async _get(): Promise<void> {
    const control = (this._control = new AbortController());
    try {
      for (let first = this._missing(); first !== null; first = this._missing()) {
        this._take(await this._ask(`first=${first}&count=${PAGE}`, control.signal));
        this._changed.emit();
      }
    } catch (error) {
      if (!control.signal.aborted) {
        this.error = error as Error;
        this._changed.emit();
      }
    } finally {
      this._control = null;
    }
  }

  private _ask(query: string, signal: AbortSignal): Promise<ILogPage> {
    return this._runner.request<ILogPage>(`${this.path}/lines?${query}`, { signal });
  }

  /** Give the first line of a page of which something in view is not here. */
  private _missing(): number | null {
    const [first, last] = this._wanted;
    for (let at = first; at < Math.min(last, this.total ?? 0); at++) {
      if (this.line(at) === undefined) {
        return at - (at % PAGE);
      }
    }
    return null;
  }

  private _take(page: ILogPage): void {
    // The last line of a log that goes on may be half a line: it is not kept beyond its time.
    if (this.total !== null && page.total_lines > this.total && this.total > 0) {
      this._put(this.total - 1, undefined);
    }
    this.total = Math.max(this.total ?? 0, page.total_lines);
    this.sizeBytes = Math.max(this.sizeBytes, page.size_bytes);
    this.isFinal = page.is_final;
    page.lines.forEach((line, at) => this._put(page.first + at, line));
    this._trim();
  }

  private _put(at: number, line: string | undefined): void {
    const number = Math.floor(at / PAGE);
    let page = this._pages.get(number);
    if (!page) {
      page = [];
      this._pages.set(number, page);
    }
    this._characters += (line?.length ?? 0) - (page[at % PAGE]?.length ?? 0);
    page[at % PAGE] = line;
  }

  /** Let go of what is farthest from the view; the newest lines stay. */
  private _trim(): void {
    const middle = (this._wanted[0] + this._wanted[1]) / 2 / PAGE;
    const newest = Math.floor(((this.total ?? 1) - 1) / PAGE);
    const far = (number: number) => (number >= newest - 1 ? -1 : Math.abs(number - middle));
    while (this._pages.size * PAGE > MOST_LINES || this._characters > MOST_CHARACTERS) {
      const farthest = [...this._pages.keys()].reduce((a, b) => (far(b) > far(a) ? b : a));
      if (far(farthest) < 1) {
        return;
      }
      this._pages.get(farthest)?.forEach(line => (this._characters -= line?.length ?? 0));
      this._pages.delete(farthest);
    }
  }

  private _changed = new Signal<this, void>(this);
  private _characters = 0;
  private _control: AbortController | null = null;
  private _pages = new Map<number, (string | undefined)[]>();
  private _wanted: [number, number] = [0, 0];
}
