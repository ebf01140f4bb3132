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

export type Trouble = 'none' | 'unknown' | 'unreachable';

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
      void this._read();
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
      }
    } catch (error) {
      if (turn === this._turn) {
        const isUnknown = error instanceof ProblemError && error.status === 404;
        this._set(isUnknown ? 'unknown' : 'unreachable');
        if (!isUnknown && this._looks > 0) {
          this._timer = window.setTimeout(() => void this._read(), 3000);
        }
      }
    }
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
      this._facts = this._facts || window.setTimeout(() => void this._readFacts(), FACTS_MS);
    }
  }

  private async _readFacts(): Promise<void> {
    const turn = this._turn;
    this._facts = 0;
    if (this._looks > 0 && !document.hidden) {
      const job = await this._runner.request<IJob>(pathOf('jobs', this.id)).catch(() => null);
      if (job && turn === this._turn && this._state && !isTerminal(job.status)) {
        const { current, time_left_s, steps } = job;
        this._state = { ...this._state, job: { ...this._state.job, current, time_left_s, steps } };
        this._changed.emit();
      }
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
