import { ISignal, Signal } from '@lumino/signaling';
import { IRunner } from '../model/runner';

/** Matches of one request, and in all. */
const PAGE = 1000;
const MOST = 5000;
/** The runner counts no further. */
export const MOST_COUNTED = 20_000;

interface IFound {
  matches: { line: number; text: string }[];
  total: number;
  is_cut: boolean;
  /** The first line that may still grow. */
  next: number;
}

/** Where in a whole log something is; the server looks. */
export class LogSearch {
  constructor(
    private _runner: IRunner,
    private _path: string,
    private _query: string
  ) {}

  /** Numbers of the lines, ascending; at most 5,000 of them. */
  lines: number[] = [];
  total = 0;
  /** False until the first answer. */
  isKnown = false;
  error: Error | null = null;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Text of a found line, where it came with the match. */
  text(line: number): string | undefined {
    return this._texts.get(line);
  }

  /** Look in what came since the last time. */
  async more(): Promise<void> {
    if (this._control || this._isOver || this.total >= MOST_COUNTED) {
      return;
    }
    const { signal } = (this._control = new AbortController());
    try {
      const begin = this._next;
      this._drop(begin);
      let found = await this._page(begin, signal);
      this.total += found.total;
      this._next = found.next;
      this._add(found);
      while (found.is_cut && this.lines.length < MOST && found.matches.length > 0) {
        found = await this._page(this.lines[this.lines.length - 1] + 1, signal);
        this._add(found);
      }
    } catch (error) {
      if (!signal.aborted) {
        this.error = error as Error;
        this._changed.emit();
      }
    } finally {
      this._control = null;
    }
  }

  /** Ask no more. */
  stop(): void {
    this._isOver = true;
    this._control?.abort();
  }

  /** Give the index of the next match behind a line, or of the one before it; it goes round. */
  near(line: number, isForward: boolean): number | null {
    const { lines } = this;
    if (lines.length === 0) {
      return null;
    }
    if (isForward) {
      const next = lines.findIndex(found => found > line);
      return next < 0 ? 0 : next;
    }
    for (let at = lines.length - 1; at >= 0; at--) {
      if (lines[at] < line) {
        return at;
      }
    }
    return lines.length - 1;
  }

  private _page(first: number, signal: AbortSignal): Promise<IFound> {
    const query = `${this._query}&first=${first}&limit=${PAGE}`;
    return this._runner.request<IFound>(`${this._path}/search?${query}`, { signal });
  }

  private _add(found: IFound): void {
    for (const match of found.matches) {
      this.lines.push(match.line);
      if (this._texts.size < PAGE) {
        this._texts.set(match.line, match.text);
      }
    }
    this.isKnown = true;
    this.error = null;
    this._changed.emit();
  }

  /** Forget what a line said that was not whole. */
  private _drop(line: number): void {
    while (this.lines.length > 0 && this.lines[this.lines.length - 1] >= line) {
      this._texts.delete(this.lines.pop()!);
      this.total--;
    }
  }

  private _changed = new Signal<this, void>(this);
  private _control: AbortController | null = null;
  private _isOver = false;
  private _next = 0;
  private _texts = new Map<number, string>();
}

/** Give what is asked for a text that a person typed. */
export function searchFor(text: string): string {
  return `q=${encodeURIComponent(text)}`;
}

export type Level = 'error' | 'warning';

/** Give what is asked for lines that report something. */
export function searchLevel(level: Level): string {
  return `level=${level}`;
}

/** Words by which a line reports something; the runner has the same. */
const ERROR = /\b(?:errors?|fatal|critical|exception|traceback|panic)\b|\w(?:error|exception)\b/i;
const WARNING = /\b(?:warnings?|warn)\b|\wwarning\b/i;

/** Give what a line reports, by its words. */
export function levelOf(text: string): Level | null {
  return ERROR.test(text) ? 'error' : WARNING.test(text) ? 'warning' : null;
}
