import { ISignal, Signal } from '@lumino/signaling';
import { IRunner, ProblemError } from '../model/runner';
import { IEvent, IJob, IProcess, isTerminal } from '../model/wire';
import { stateOf, Workspace } from '../model/workspace';
import { hasChips, IFilter, isNarrowed, jobsPath, NO_FILTER } from './filter';
import { countNewer, withFacts, withFirstPage } from './merge';

/** A search begins this long behind the last key. */
const SEARCH_MS = 150;
/** Lists that events touch are read anew at most this often. */
const FRESH_MS = 1000;
const PROCESSES = 1000;

interface IPage {
  jobs: IJob[];
  numberMatched?: number;
}

/** What the panel shows: live jobs, processes, and the jobs that ended, narrowed by one filter. */
export class PanelModel {
  constructor(
    private _runner: IRunner,
    readonly workspace: Workspace
  ) {
    workspace.changed.connect(this._onWorkspace, this);
    workspace.told.connect(this._onEvent, this);
  }

  /** Jobs of a page. */
  pageSize = 50;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get filter(): IFilter {
    return this._filter;
  }

  /** Jobs that ended, newest first, as far as they were read. */
  get jobs(): readonly IJob[] {
    return this._jobs;
  }

  /** How many ended jobs match. */
  get matched(): number {
    return Math.max(this._matched, this._jobs.length);
  }

  /** How many ended jobs there are. */
  get total(): number {
    return Math.max(this._total, this.matched);
  }

  get processes(): readonly IProcess[] {
    return this._processes;
  }

  /** How many processes there are. */
  get processTotal(): number {
    return Math.max(this._processTotal, this._processes.length);
  }

  /** Live jobs that match. */
  get live(): readonly IJob[] {
    const { live } = this.workspace;
    const ids = this._liveIds;
    return ids === null ? live : live.filter(job => ids.has(job.jobID));
  }

  /** Newer jobs that wait until the reader is back at the top. */
  get newer(): number {
    return this._fresh ? countNewer(this._jobs, this._fresh.jobs) : 0;
  }

  /** Whether the lists were read at least once. */
  get isLoaded(): boolean {
    return this._isLoaded;
  }

  /** Whether another page is on its way. */
  get isReading(): boolean {
    return this._isReading;
  }

  /** What went wrong with the last reading; empty when nothing did. */
  get problem(): string {
    return this._problem;
  }

  /** While the reader is away from the top of the list, newer jobs wait. */
  set isHeld(isHeld: boolean) {
    this._isHeld = isHeld;
    if (!isHeld && this._fresh) {
      this.takeNewer();
    }
  }

  /** Begin to look; with nobody looking, nothing is read. */
  show(): void {
    this._isShown = true;
    if (this.workspace.status?.state === 'ready') {
      void this.load();
    } else {
      void this.workspace.start();
    }
  }

  hide(): void {
    this._isShown = false;
  }

  /** Narrow the lists; a text as it is typed waits for the next key. */
  narrow(change: Partial<IFilter>): void {
    const isTyped = Object.keys(change).every(name => name === 'query') && change.query !== '';
    this._filter = { ...this._filter, ...change };
    window.clearTimeout(this._searchTimer);
    this._searchTimer = window.setTimeout(() => void this.load(), isTyped ? SEARCH_MS : 0);
    this._changed.emit();
  }

  clear(): void {
    this.narrow(NO_FILTER);
  }

  /** Read everything anew, from the first page. */
  async load(): Promise<void> {
    const turn = ++this._turn;
    const filter = this._filter;
    const ask = (isLive: boolean, limit: number) => {
      const path = jobsPath(filter, isLive, limit, null, Date.now());
      return path ? this._runner.request<IPage>(path) : { jobs: [], numberMatched: 0 };
    };
    try {
      const [ended, live, processes] = await Promise.all([
        ask(false, this.pageSize),
        isNarrowed(filter) ? ask(true, PROCESSES) : null,
        this._readProcesses(filter)
      ]);
      if (turn !== this._turn) {
        return;
      }
      this._take(ended, true);
      this._liveIds = live && new Set(live.jobs.map(job => job.jobID));
      this._processes = processes;
      if (!isNarrowed(filter)) {
        this._total = this._matched;
        this._processTotal = processes.length;
      }
      this._isLoaded = true;
      this._problem = '';
    } catch (error) {
      if (turn === this._turn) {
        this._fail(error);
      }
    }
    this._changed.emit();
  }

  /** Read the next page. */
  async readMore(): Promise<void> {
    const last = this._jobs[this._jobs.length - 1];
    const path = last && jobsPath(this._filter, false, this.pageSize, last.jobID, Date.now());
    if (!path || this._isReading || this._jobs.length >= this._matched) {
      return;
    }
    const turn = this._turn;
    this._isReading = true;
    this._changed.emit();
    try {
      const page = await this._runner.request<IPage>(path);
      if (turn === this._turn) {
        const known = new Set(this._jobs.map(job => job.jobID));
        this._jobs = [...this._jobs, ...page.jobs.filter(job => !known.has(job.jobID))];
        if (page.jobs.length < this.pageSize) {
          this._matched = this._jobs.length;
        }
      }
    } catch (error) {
      this._fail(error);
    }
    this._isReading = false;
    this._changed.emit();
  }

  /** Show the newer jobs that waited. */
  takeNewer(): void {
    if (this._fresh) {
      this._take(this._fresh, false);
      this._changed.emit();
    }
  }

  redraw(): void {
    this._changed.emit();
  }

  dispose(): void {
    Signal.clearData(this);
  }

  private async _readProcesses(filter: IFilter): Promise<IProcess[]> {
    if (hasChips(filter)) {
      return [];
    }
    const query = new URLSearchParams({ limit: String(PROCESSES) });
    if (filter.query.trim()) {
      query.set('q', filter.query.trim());
    }
    const found = await this._runner.request<{ processes: IProcess[] }>(`processes?${query}`);
    // Those that come with the runner are no one's work.
    const own = found.processes.filter(process => process.mutable);
    return own.sort((a, b) => (b.created ?? '').localeCompare(a.created ?? '') || a.id.localeCompare(b.id));
  }

  private async _freshen(): Promise<void> {
    const turn = this._turn;
    const filter = this._filter;
    const path = jobsPath(filter, false, this.pageSize, null, Date.now());
    try {
      const [page, processes] = await Promise.all([
        path ? this._runner.request<IPage>(path) : { jobs: [], numberMatched: 0 },
        this._isStale ? this._readProcesses(filter) : this._processes
      ]);
      if (turn !== this._turn) {
        return;
      }
      this._isStale = false;
      this._processes = processes;
      if (!isNarrowed(filter)) {
        this._total = page.numberMatched ?? this._total;
        this._processTotal = processes.length;
      }
      if (this._isHeld && countNewer(this._jobs, page.jobs) > 0) {
        this._jobs = withFacts(this._jobs, page.jobs);
        this._fresh = page;
      } else {
        this._take(page, false);
      }
    } catch (error) {
      if (turn === this._turn) {
        this._fail(error);
      }
    }
    this._changed.emit();
  }

  private _take(page: IPage, isNew: boolean): void {
    const isWhole = isNew || page.jobs.length < this.pageSize;
    this._jobs = withFirstPage(isNew ? [] : this._jobs, page.jobs, isWhole);
    this._matched = page.numberMatched ?? this._jobs.length;
    this._fresh = null;
  }

  private _fail(error: unknown): void {
    this._problem = error instanceof Error ? error.message : String(error);
    // Whatever is wrong with the way to the runner is the workspace's to tell.
    if (!(error instanceof ProblemError) || stateOf(error).state !== 'down' || error.status === 503) {
      void this.workspace.refresh();
    }
  }

  private _onWorkspace(): void {
    const { status } = this.workspace;
    const state = status?.state;
    if (this._isShown && state !== this._state) {
      this._state = state;
      if (state === 'ready') {
        void this.load();
      } else if (state === 'idle' && !this.workspace.isRefused) {
        // It ended under the eyes of a reader, with jobs perhaps.
        void this.workspace.start();
      }
    }
    this._state = state;
    this._changed.emit();
  }

  private _onEvent(_: Workspace, event: IEvent): void {
    const { kind, jobID, data } = event;
    if (kind === 'job' && data.deleted) {
      const left = this._jobs.filter(job => job.jobID !== jobID);
      const gone = this._jobs.length - left.length;
      this._jobs = left;
      this._matched -= gone;
      this._total -= gone;
      this._changed.emit();
    } else if (kind === 'process' || (kind === 'job' && isTerminal(data.status))) {
      this._isStale ||= kind === 'process';
      this._freshSoon();
    } else if (kind === 'job' && data.status === 'accepted' && isNarrowed(this._filter)) {
      void this.load();
    }
  }

  private _freshSoon(): void {
    if (this._isShown) {
      this._freshTimer ||= window.setTimeout(
        () => {
          this._freshTimer = 0;
          this._freshAt = Date.now();
          void this._freshen();
        },
        Math.max(0, this._freshAt + FRESH_MS - Date.now())
      );
    }
  }

  private _changed = new Signal<this, void>(this);
  private _filter = NO_FILTER;
  private _fresh: IPage | null = null;
  private _freshAt = 0;
  private _freshTimer = 0;
  private _isHeld = false;
  private _isLoaded = false;
  private _isReading = false;
  private _isShown = false;
  /** Whether the list of processes is old. */
  private _isStale = false;
  private _jobs: IJob[] = [];
  /** Of the live jobs, those that match; null for all. */
  private _liveIds: Set<string> | null = null;
  private _matched = 0;
  private _problem = '';
  private _processes: IProcess[] = [];
  private _processTotal = 0;
  private _searchTimer = 0;
  private _state: string | undefined;
  private _total = 0;
  private _turn = 0;
}
