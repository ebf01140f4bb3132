import { ISignal, Signal } from '@lumino/signaling';
import { IRunner } from '../model/runner';

/** Matches of one request, and in all. */
const PAGE = 1000;
const MOST = 20_000;

interface IFound {
  matches: { line: number; text: string }[];
  total: number;
  is_cut: boolean;
}

/** Where in a whole log something is; the server looks. */
export class LogSearch {
  constructor(
    private _runner: IRunner,
    private _path: string,
    private _query: string
  ) {}

  /** Numbers of the lines, ascending; at most 20,000 of them. */
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

  /** Look in what is behind the last match; a growing log is asked again. */
  async more(): Promise<void> {
    if (this._control || this._isOver) {
      return;
    }
    const { signal } = (this._control = new AbortController());
    try {
      let isCut = true;
      while (isCut && this.lines.length < MOST && !signal.aborted) {
        const behind = this.lines.length > 0 ? this.lines[this.lines.length - 1] : -1;
        const query = `${this._query}&behind=${behind}&limit=${PAGE}`;
        const found = await this._runner.request<IFound>(`${this._path}/search?${query}`, { signal });
        for (const match of found.matches) {
          this.lines.push(match.line);
          if (this._texts.size < PAGE) {
            this._texts.set(match.line, match.text);
          }
        }
        this.total = Math.max(found.total, this.lines.length);
        this.isKnown = true;
        this.error = null;
        isCut = found.matches.length >= PAGE;
        this._changed.emit();
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

  private _changed = new Signal<this, void>(this);
  private _control: AbortController | null = null;
  private _isOver = false;
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
const ERROR = /\b(?:error|errors|fatal|critical|exception|traceback|panic)\b|\w(?:Error|Exception)\b/i;
const WARNING = /\b(?:warning|warnings|warn)\b|\wWarning\b/i;

/** Give what a line reports, by its words. */
export function levelOf(text: string): Level | null {
  return ERROR.test(text) ? 'error' : WARNING.test(text) ? 'warning' : null;
}
