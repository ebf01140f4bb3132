import { ISignal, Signal } from '@lumino/signaling';
import { IRunner, ProblemError, pathOf } from './runner';
import { Held, IStream } from './stream';
import { IEvent, IJob, IRunnerState, isTerminal } from './wire';

/** Live jobs that are listed; more are counted. */
const LISTED = 100;
/** Facts such as the time left are asked for anew at most this often. */
const FACTS_MS = 2000;

/** What a page knows of the workspace: its runner, and the jobs that are live. */
export class Workspace {
  constructor(
    private _runner: IRunner,
    private _stream: IStream & { hold(reason: Held): void }
  ) {}

  /** Follow the runner; one that is not up is waited for, not started. */
  follow(): void {
    this._stream.stateChanged.connect(() => {
      if (!this._stream.isConnected) {
        this._changed.emit();
        if (!this._stream.held) {
          // A socket does not tell why it was refused.
          void this.refresh();
        }
      }
    });
    this._stream.follow(null, {
      onOpen: () => void this.refresh(),
      onEvent: event => this._take(event),
      onProblem: problem => {
        const { detail, remedy, state } = problem as Record<string, any>;
        if (state === 'idle' && this._isStarting) {
          return;
        }
        this._say({ state: state ?? 'down', message: detail ?? '', remedy });
      }
    });
  }

  /** Null before the first answer. */
  get status(): IRunnerState | null {
    return this._status.state ? (this._status as IRunnerState) : null;
  }

  /** Whether what is known is still told of. */
  get isUpToDate(): boolean {
    return this._stream.isConnected && this._status.state === 'ready';
  }

  /** When the runner last answered (ms since the epoch). */
  get seenAt(): number {
    return this._seenAt;
  }

  /** Jobs that are accepted or running, newest first. */
  get live(): readonly IJob[] {
    return this._live;
  }

  get liveTotal(): number {
    return Math.max(this._total, this._live.length);
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Each event of the workspace. */
  get told(): ISignal<this, IEvent> {
    return this._told;
  }

  /** A job that was live has ended. */
  get ended(): ISignal<this, IJob> {
    return this._ended;
  }

  /** Jobs that a form of this page launched, which it adds. */
  readonly launched = new Set<string>();

  /** Jobs that were accepted since the page was opened. */
  readonly accepted = new Set<string>();

  /** Ask for the runner, starting it where that is allowed. */
  async start(): Promise<void> {
    if (this._status.state !== 'ready') {
      this._say({ state: 'starting', message: '' });
    }
    this._isStarting = true;
    await this._ask('status');
    this._isStarting = false;
    this._isRefused = this._status.state === 'idle';
  }

  /** Whether there is a runner of the user's own to restart. */
  get canRestart(): boolean {
    const { state, shared } = this._status;
    return (state === 'ready' || state === 'down') && !shared;
  }

  /** End the runner and start the next one, which goes on with its jobs. */
  async restart(): Promise<void> {
    this._say({ ...this._status, state: 'starting', message: '' });
    this._isStarting = true;
    await this._ask('runner/restart', { method: 'POST' });
    this._isStarting = false;
  }

  /** Whether none is up because the server may start none. */
  get isRefused(): boolean {
    return this._isRefused;
  }

  /** Read what is live anew; starts nothing. */
  async refresh(): Promise<void> {
    // What a start gives is newer than what a look could see.
    if (!this._isStarting) {
      await this._ask('status?start=no');
    }
  }

  private async _ask(path: string, init: RequestInit = {}): Promise<void> {
    const turn = ++this._turn;
    try {
      const status = await this._runner.request<IRunnerState>(path, init);
      if (turn !== this._turn) {
        return;
      }
      if (status.state === 'ready') {
        await this._readLive();
      } else if (status.state === 'starting') {
        window.setTimeout(() => turn === this._turn && void this._ask('status'), 500);
      }
      this._say(status);
    } catch (error) {
      if (turn === this._turn) {
        this._say(stateOf(error));
      }
    }
  }

  private async _readLive(): Promise<void> {
    const path = `jobs?status=accepted,running&limit=${LISTED}`;
    const found = await this._runner.request<{ jobs: IJob[]; numberMatched?: number }>(path);
    const ids = new Set(found.jobs.map(job => job.jobID));
    const gone = found.jobs.length < LISTED ? this._live.filter(job => !ids.has(job.jobID)) : [];
    this._live = found.jobs;
    this._total = found.numberMatched ?? found.jobs.length;
    for (const { jobID } of gone) {
      void this._runner
        .request<IJob>(pathOf('jobs', jobID))
        .then(job => isTerminal(job.status) && this._ended.emit(job))
        .catch(() => undefined);
    }
  }

  private _take(event: IEvent): void {
    this._seenAt = Date.now();
    const { kind, jobID, data, time } = event;
    if (jobID !== null && (kind === 'job' || kind === 'progress')) {
      const old = this._live.find(job => job.jobID === jobID);
      const { done, total, process_id, ...said } = data;
      if (kind === 'job' && isTerminal(data.status)) {
        this._live = this._live.filter(job => job.jobID !== jobID);
        this._total -= old ? 1 : 0;
        if (old) {
          this._ended.emit({ ...old, ...said, finished: time });
        }
        this._readFacts();
      } else if (old) {
        const next = { ...old, ...said, updated: time };
        if (kind === 'job' && data.status === 'running') {
          next.started ??= time;
          delete next.jobs_ahead;
        }
        if (total !== undefined && next.steps) {
          next.steps = { ...next.steps, done, total };
        }
        this._live = this._live.map(job => (job === old ? next : job));
        this._readFacts();
      } else if (kind === 'job' && data.status === 'accepted') {
        const job = { jobID, processID: process_id, created: time, ...said } as unknown as IJob;
        this._live = [job, ...this._live];
        this._total++;
        this.accepted.add(jobID);
      }
    }
    this._told.emit(event);
    this._changed.emit();
  }

  private _readFacts(): void {
    this._timer ||= window.setTimeout(() => {
      this._timer = 0;
      if (!document.hidden) {
        void this.refresh();
      }
    }, FACTS_MS);
  }

  private _say(status: Partial<IRunnerState>): void {
    this._status = status;
    if (status.state === 'signed-out' || status.state === 'missing') {
      this._stream.hold(status.state);
    }
    if (status.state === 'ready' && this._stream.isConnected) {
      this._seenAt = Date.now();
    }
    this._changed.emit();
  }

  private _changed = new Signal<this, void>(this);
  private _ended = new Signal<this, IJob>(this);
  private _isRefused = false;
  private _isStarting = false;
  private _live: IJob[] = [];
  private _seenAt = 0;
  private _status: Partial<IRunnerState> = {};
  private _timer = 0;
  private _told = new Signal<this, IEvent>(this);
  private _total = 0;
  private _turn = 0;
}

/** Give what a failed request says of the way to the runner. */
export function stateOf(error: unknown): IRunnerState {
  if (!(error instanceof ProblemError)) {
    return { state: 'unreachable', message: String((error as Error).message ?? error) };
  }
  if (error.status === 401 || error.status === 403) {
    return { state: 'signed-out', message: error.message };
  }
  if (error.status === 404) {
    return { state: 'missing', message: error.message };
  }
  return { state: 'down', message: error.message, remedy: error.problem.remedy };
}
