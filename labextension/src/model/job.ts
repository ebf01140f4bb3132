import { ISignal, Signal } from '@lumino/signaling';
import { IRunner, ProblemError, pathOf } from './runner';
import { IStream } from './stream';
import { IEvent, IGraph, IJob, IStep, isTerminal } from './wire';

/** What is known of one job at one moment. */
export interface IJobState {
  job: IJob;
  /** By path, in the order in which they appeared. */
  steps: Map<string, IStep>;
  graph: IGraph | null;
  /** Number of the last event that is part of this. */
  seq: number;
}

/** Give the state with an event in it; null when events before it are missing. */
export function withEvent(state: IJobState, event: IEvent): IJobState | null {
  if (event.seq <= state.seq) {
    return state;
  }
  if (event.seq !== state.seq + 1) {
    return null;
  }
  const { data } = event;
  const next = { ...state, seq: event.seq };
  if (event.kind === 'step') {
    next.steps = new Map(state.steps);
    next.steps.set(data.path, { ...state.steps.get(data.path), ...(data as IStep) });
  } else if (event.kind === 'job' || event.kind === 'progress') {
    const { done, total, ...said } = data;
    next.job = { ...state.job, ...said, updated: event.time };
    if (total !== undefined) {
      next.job.steps = { running: 0, failed: 0, reused: 0, ...state.job.steps, done, total };
    }
    if (event.kind === 'job' && isTerminal(data.status)) {
      next.job.finished = next.job.finished ?? event.time;
    } else if (event.kind === 'job' && data.status === 'running') {
      next.job.started = next.job.started ?? event.time;
    }
  }
  return next;
}

/** Facts such as the time left are not in events; they are asked for at most this often. */
const FACTS_MS = 2000;
/** They change also while nothing happens. */
const QUIET_FACTS_MS = 10000;

/** Give the job with what its steps say of it: counts, and what runs now. */
export function liveJob({ job, steps }: IJobState): IJob {
  if (isTerminal(job.status) || steps.size === 0) {
    return job;
  }
  const counts = { total: 0, done: 0, running: 0, failed: 0, reused: 0 };
  const newest = newestRunning(steps);
  const same = { done: 0, total: 0 };
  for (const step of steps.values()) {
    const isDone = step.state === 'done' || step.state === 'reused';
    counts.total++;
    counts.done += Number(isDone);
    counts.running += Number(step.state === 'running');
    counts.failed += Number(step.state === 'failed');
    counts.reused += Number(step.state === 'reused');
    if (newest && family(step.path) === family(newest.path)) {
      same.total++;
      same.done += Number(isDone);
    }
  }
  const name = newest && family(newest.path).split('/').pop();
  const current = name && same.total > 1 ? `${name} ${same.done} of ${same.total}` : name;
  return { ...job, steps: counts, current: current || undefined };
}

/** Give the step run that began last of those that run. */
export function newestRunning(steps: ReadonlyMap<string, IStep>): IStep | null {
  let found: IStep | null = null;
  for (const step of steps.values()) {
    if (step.state === 'running' && (!found || (step.started ?? '') >= (found.started ?? ''))) {
      found = step;
    }
  }
  return found;
}

/** The path of a step run without the numbers of parts and rounds. */
function family(path: string): string {
  return path
    .split('/')
    .filter((segment, index) => index === 0 || !/^\d+$/.test(segment))
    .join('/');
}

export type Trouble = 'none' | 'unknown' | 'unreachable';

/** What ended changes no more; it may be removed. */
const STALE_MS = 60000;

/** One job, kept up to date while someone looks at it. */
export class JobModel {
  constructor(
    readonly id: string,
    private _runner: IRunner,
    private _stream: IStream
  ) {}

  /** Null before the first answer. */
  get state(): IJobState | null {
    return this._state;
  }

  get trouble(): Trouble {
    return this._trouble;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** When the runner last said something about it (ms since the epoch). */
  get seenAt(): number {
    return this._seenAt;
  }

  /** Look at it; gives what ends the look. With nobody looking, nothing is followed. */
  look(): () => void {
    if (this._looks++ === 0) {
      const isOver = this._state !== null && isTerminal(this._state.job.status);
      if (!isOver || this._trouble !== 'none' || Date.now() - this._seenAt > STALE_MS) {
        void this._read();
      }
    }
    let isOver = false;
    return () => {
      if (!isOver) {
        isOver = true;
        if (--this._looks === 0) {
          this._unfollow();
        }
      }
    };
  }

  /** Read everything anew. */
  async refresh(): Promise<void> {
    this._unfollow();
    await this._read();
  }

  private async _read(): Promise<void> {
    const turn = ++this._turn;
    const path = pathOf('jobs', this.id);
    try {
      // Events come first: what is read behind them can only be newer.
      const job = await this._runner.request<IJob & { last_seq?: number }>(path);
      const [steps, graph] = await Promise.all([
        this._runner.request<{ steps: IStep[] }>(`${path}/steps`),
        this._state?.graph ?? this._runner.request<IGraph>(`${path}/graph`).catch(() => null)
      ]);
      if (turn !== this._turn) {
        return;
      }
      const byPath = new Map(steps.steps.map(step => [step.path, step]));
      this._state = { job, steps: byPath, graph, seq: job.last_seq ?? 0 };
      this._set('none');
      if (this._looks > 0 && !isTerminal(job.status)) {
        this._follow();
        this._askFacts(QUIET_FACTS_MS);
      }
    } catch (error) {
      if (turn === this._turn) {
        // A server without our part answers 404 too, and says nothing of a job.
        const isUnknown = error instanceof ProblemError && error.status === 404 && !!error.problem.title;
        this._set(isUnknown ? 'unknown' : 'unreachable');
        if (!isUnknown && this._looks > 0) {
          this._readSoon();
        }
      }
    }
  }

  private _readSoon(): void {
    this._timer = window.setTimeout(() => (this._stream.held ? this._readSoon() : void this._read()), 3000);
  }

  private _follow(): void {
    this._end = this._stream.follow(
      this.id,
      {
        onEvent: event => this._take(event),
        onProblem: problem => {
          if (problem.status === 404) {
            this._set('unknown');
          } else {
            this._set('unreachable');
          }
        },
        onOpen: () => this._set('none')
      },
      this._state?.seq ?? 0
    );
  }

  private _take(event: IEvent): void {
    if (!this._state) {
      return;
    }
    const next = withEvent(this._state, event);
    if (next === null) {
      void this.refresh();
      return;
    }
    if (next === this._state) {
      return;
    }
    this._state = next;
    this._set('none');
    if (event.kind === 'job' && isTerminal(next.job.status)) {
      // The last word brings times, counts and failure as the runner keeps them.
      void this.refresh();
    } else if (event.kind === 'step' || event.kind === 'progress') {
      this._askFacts(FACTS_MS);
    }
  }

  /** Ask for facts after a while, or at the earlier time that is set. */
  private _askFacts(wait: number): void {
    const due = Date.now() + wait;
    if (this._facts === 0 || due < this._factsDue) {
      window.clearTimeout(this._facts);
      this._factsDue = due;
      this._facts = window.setTimeout(() => void this._readFacts(), wait);
    }
  }

  private async _readFacts(): Promise<void> {
    const turn = this._turn;
    this._facts = 0;
    if (this._looks > 0 && !document.hidden && !this._stream.held) {
      const job = await this._runner.request<IJob>(pathOf('jobs', this.id)).catch(() => null);
      if (job && turn === this._turn && this._state && !isTerminal(job.status)) {
        const { current, jobs_ahead, time_left_s, steps } = job;
        const known = { ...this._state.job, current, jobs_ahead, time_left_s, steps };
        this._state = { ...this._state, job: known };
        this._changed.emit();
      }
    }
    if (turn === this._turn) {
      this._askFacts(QUIET_FACTS_MS);
    }
  }

  private _set(trouble: Trouble): void {
    this._trouble = trouble;
    if (trouble === 'none') {
      this._seenAt = Date.now();
    }
    this._changed.emit();
  }

  private _unfollow(): void {
    this._turn++;
    window.clearTimeout(this._timer);
    window.clearTimeout(this._facts);
    this._facts = 0;
    this._end?.();
    this._end = null;
  }

  private _changed = new Signal<this, void>(this);
  private _end: (() => void) | null = null;
  private _facts = 0;
  private _factsDue = 0;
  private _looks = 0;
  private _seenAt = 0;
  private _state: IJobState | null = null;
  private _timer = 0;
  private _trouble: Trouble = 'none';
  private _turn = 0;
}

/** The page's jobs: one model each, however many look at it. */
export class Jobs {
  constructor(
    private _runner: IRunner,
    private _stream: IStream
  ) {}

  get(id: string): JobModel {
    let model = this._models.get(id);
    if (!model) {
      model = new JobModel(id, this._runner, this._stream);
      this._models.set(id, model);
    }
    return model;
  }

  private _models = new Map<string, JobModel>();
}
