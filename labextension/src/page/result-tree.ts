import { ISignal, Signal } from '@lumino/signaling';
import { IRunner, pathOf, ProblemError } from '../model/runner';
import { IEntry, IListing } from '../model/wire';

/** Entries of one request. */
const PAGE = 200;

/** One entry of the results, or what stands for those not yet listed. */
export interface IResultRow {
  /** Names from the output's id on. */
  path: string[];
  level: number;
  /** Null for "more". */
  entry: IEntry | null;
  isOpen: boolean;
  /** How many entries a folder has, where that is known. */
  total?: number;
  error?: Error;
}

interface IFolder {
  entries: IEntry[];
  next: string | null;
  total?: number;
  isAsking: boolean;
  error?: Error;
}

/** The results of a job as a tree, listed as it is looked at. */
export class ResultTree {
  constructor(
    private _runner: IRunner,
    private _jobID: string
  ) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Why nothing is listed. */
  get error(): Error | null {
    return this._folders.get('')?.error ?? null;
  }

  get isListed(): boolean {
    return this._folders.get('')?.entries !== undefined && !this._folders.get('')!.isAsking;
  }

  /** Give the rows that are shown, top to bottom. */
  rows(): IResultRow[] {
    return this._below([], 1);
  }

  /** What is looked at before anything is chosen: a picture, else a file. */
  get first(): string[] | null {
    const files = (this._folders.get('')?.entries ?? []).filter(entry => entry.kind === 'file');
    const found = files.find(entry => entry.media_type?.startsWith('image/')) ?? files[0];
    return found ? [found.name] : null;
  }

  isOpen(path: string[]): boolean {
    return this._open.has(keyOf(path));
  }

  async open(path: string[]): Promise<void> {
    this._open.add(keyOf(path));
    this._changed.emit();
    if (!this._folders.has(keyOf(path))) {
      await this.more(path);
    }
  }

  close(path: string[]): void {
    this._open.delete(keyOf(path));
    this._changed.emit();
  }

  /** List the next entries of a folder, unless all are listed; also after an error. */
  async more(path: string[]): Promise<void> {
    const key = keyOf(path);
    const known = this._folders.get(key);
    if (known?.isAsking || (known?.next === null && !known.error)) {
      return;
    }
    const folder = known ?? { entries: [], next: null, isAsking: false };
    this._folders.set(key, { ...folder, isAsking: true, error: undefined });
    const after = folder.next === null ? '' : `&after=${encodeURIComponent(folder.next)}`;
    try {
      const listing = await this._runner.request<IListing>(
        `${pathOf('jobs', this._jobID)}/browse?path=${encodeURIComponent(key)}&limit=${PAGE}${after}`
      );
      const entries = [...folder.entries, ...listing.entries];
      this._folders.set(key, { entries, next: listing.next, total: listing.total, isAsking: false });
    } catch (error) {
      this._folders.set(key, { ...folder, isAsking: false, error: error as Error });
    }
    this._changed.emit();
  }

  /** Open the folders above a path, as far as they are listed. */
  async reveal(path: string[]): Promise<void> {
    if (!this.isListed) {
      await this.open([]);
    }
    for (let depth = 1; depth < path.length && !this.find(path); depth++) {
      await this.open(path.slice(0, depth));
    }
  }

  find(path: string[]): IEntry | null {
    const folder = this._folders.get(keyOf(path.slice(0, -1)));
    return folder?.entries.find(entry => entry.name === path[path.length - 1]) ?? null;
  }

  private _below(path: string[], level: number): IResultRow[] {
    const folder = this._folders.get(keyOf(path));
    if (!folder) {
      return [];
    }
    const rows = folder.entries.flatMap(entry => {
      const own = [...path, entry.name];
      const isOpen = entry.kind === 'directory' && this.isOpen(own);
      const row: IResultRow = {
        path: own,
        level,
        entry,
        isOpen,
        total: this._folders.get(keyOf(own))?.total
      };
      return isOpen ? [row, ...this._below(own, level + 1)] : [row];
    });
    if (folder.isAsking || folder.next !== null || (folder.error && path.length > 0)) {
      rows.push({ path, level, entry: null, isOpen: false, error: folder.error });
    }
    return rows;
  }

  private _changed = new Signal<this, void>(this);
  private _folders = new Map<string, IFolder>();
  private _open = new Set<string>();
}

/** Give the path as the runner takes it. */
export function keyOf(path: string[]): string {
  return path.join('/');
}

/** Tell a job without results from one whose results cannot be read. */
export function isNotReady(error: Error | null): boolean {
  return error instanceof ProblemError && error.status === 404;
}
