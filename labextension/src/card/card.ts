import { timeLeft } from '../model/format';
import { IJobState, JobModel, liveJob } from '../model/job';
import { pathOf } from '../model/runner';
import { clean } from '../model/words';
import { isTerminal, IStep } from '../model/wire';
import { GraphView } from '../graph/view';
import { nodeOf } from '../graph/states';
import { CommandIDs } from '../tokens';
import { make, show, write } from '../ui/dom';
import { onTick } from '../ui/tick';
import { Actions } from './actions';
import { announce } from './announce';
import { Explanation } from './explain';
import { footFacts } from './facts';
import { Foot } from './foot';
import { Headline, ProgressBar } from './head';
import { IHeadline, jobHeadline, lostLine, unknownLine } from './line';
import { ICardHost } from './host';
import { ResultList } from './list';
import { Painter } from './painter';
import { IResult, resultsOf } from './result';
import { ISaved } from './saved';
import { heldWords, lostWords, Note, unknownWords } from './note';
import { LogTail } from './tail';

const RECONNECTING_AFTER_MS = 3000;
const HELD_AFTER_MS = 10000;
const OLD_AFTER_MS = 86400000;
/** Of the card's 250 elements. */
const GRAPH_ELEMENTS = 165;

/** A job in the output of a cell; follows it while it is seen, and paints only what changed. */
export class JobCard {
  readonly node = make('section', 'jp-eodh jp-eodh-Card');

  constructor(
    private _host: ICardHost,
    private _saved: ISaved
  ) {
    const { jobID, processID } = _saved.state.job;
    const { trans } = _host;
    this._model = _host.jobs.get(jobID);
    const label = trans.__('Job %1 of %2', jobID.slice(0, 8), clean(processID, 120));
    this.node.setAttribute('aria-label', label);
    this.node.tabIndex = -1;
    this.node.dataset.eodhJob = jobID;
    this._bar = new ProgressBar(trans, trans.__('Progress of %1', clean(processID, 120)));
    this._explanation = new Explanation(_host);
    this._results = new ResultList(_host, jobID);
    this._tail = new LogTail(_host, jobID);
    this._graph = new GraphView({ trans, size: 'card', maxElements: GRAPH_ELEMENTS });
    this._graph.activated.connect((_, id) => this._openLog(id));
    this._steps.append(this._summary, this._graph.node);
    this._steps.addEventListener('toggle', () => this._onToggle());
    this._note = new Note(trans, () => {
      this._isRevealed = !this._isRevealed;
      this._painter.now();
    });
    const changed = { jobID, tab: 'provenance' };
    this._foot = new Foot(_host, trans.__('What changed'), changed);
    const createdAt = () => Date.parse((this._model.state ?? _saved.state).job.created);
    this._actions = new Actions(_host, { jobID, processID }, () => this._tryNow(), createdAt);
    this._head.actions.append(...this._actions.nodes);
    const head = make('div', 'jp-eodh-CardHead', this._head.node);
    this.node.append(head, this._bar.node, this._explanation.node, this._results.node, this._steps);
    this.node.append(this._note.node, this._tail.node, this._foot.node);
    this._model.changed.connect(this._onChange, this);
    this._host.stream.stateChanged.connect(this._onChange, this);
    this._sight = new IntersectionObserver(entries => this._see(entries[entries.length - 1]), {
      rootMargin: '100px'
    });
    this._sight.observe(this.node);
    this._size = new ResizeObserver(() => this._graph.resize(this._graph.node.clientWidth - 12));
    this._size.observe(this.node);
    this._painter.now();
  }

  get jobID(): string {
    return this._model.id;
  }

  /** Take what a later output says; what the runner said goes before it. */
  restore(saved: ISaved): void {
    this._saved = saved;
    this._painter.schedule();
  }

  /** Paint anew, as when commands came. */
  refresh(): void {
    this._painter.schedule();
  }

  dispose(): void {
    this._leave();
    this._sight.disconnect();
    this._size.disconnect();
    this._model.changed.disconnect(this._onChange, this);
    this._host.stream.stateChanged.disconnect(this._onChange, this);
    this._painter.dispose();
    this._graph.dispose();
    this._results.dispose();
    this.node.remove();
  }

  private _see(entry: IntersectionObserverEntry): void {
    if (entry.isIntersecting && !this._endLook) {
      this._endLook = this._model.look();
      this._painter.schedule();
    } else if (!entry.isIntersecting) {
      this._leave();
    }
  }

  private _leave(): void {
    this._endLook?.();
    this._endLook = null;
    this._endTick?.();
    this._endTick = null;
    this._tail.pause();
  }

  private _onChange(): void {
    if (this._endLook) {
      this._painter.schedule();
    }
  }

  /** Whether nothing was heard for longer than a hiccup. */
  private _isLost(): boolean {
    const { state, trouble } = this._model;
    const isOver = state !== null && isTerminal(state.job.status);
    const isCut = !!this._endLook && state !== null && !isOver && !this._host.stream.isConnected;
    if (trouble !== 'unreachable' && !isCut) {
      this._lostSince = 0;
      return false;
    }
    this._lostSince = this._lostSince || Date.now();
    const left = this._lostSince + RECONNECTING_AFTER_MS - Date.now();
    if (left > 0) {
      this._painter.schedule(left);
    }
    return left <= 0;
  }

  private _paint(): void {
    const { trans } = this._host;
    const now = Date.now();
    const isUnknown = this._model.trouble === 'unknown';
    const known = isUnknown ? null : this._model.state;
    const found = known ?? this._saved.state;
    const state: IJobState = { ...found, job: liveJob(found) };
    const { job } = state;
    const isLost = !isUnknown && this._isLost();
    const mode = isUnknown ? 'unknown' : isLost ? 'lost' : job.status;
    this.node.dataset.state = mode;
    const isOver = isTerminal(job.status);
    const isOld = isOver && now - Date.parse(job.finished ?? job.created) > OLD_AFTER_MS;
    const isShown = !isUnknown || this._isRevealed;
    const headline = this._headline(mode, state, isOld, now);
    this._head.show(job, headline);
    const left = job.time_left_s === undefined ? null : trans.__('about %1 left', timeLeft(job.time_left_s));
    this._bar.show(job, job.status === 'running' && !isUnknown, left);
    this._explanation.show(isShown && job.status === 'failed' && !isLost ? state : null);
    this._paintResults(state, known !== null, isOld, isShown);
    this._paintSteps(state, isOld, isShown);
    this._paintNote(mode, state);
    this._paintTail(state, mode);
    this._paintFoot(state, mode, isOld, now);
    if (this._actions.show(mode)) {
      this.node.focus({ preventScroll: true });
    }
    if (known && this._endLook) {
      announce(this._host, job, this._resultCount(known));
    }
    this._tick(mode, state);
  }

  private _headline(mode: string, state: IJobState, isOld: boolean, now: number): IHeadline {
    const { trans } = this._host;
    if (mode === 'unknown') {
      return unknownLine(state.job, this._saved.savedAt, trans);
    }
    if (mode === 'lost') {
      const seen = this._model.seenAt || Date.parse(this._saved.savedAt ?? state.job.created);
      return lostLine(state.job, seen, trans, now);
    }
    const held = this._heldUp(state);
    return jobHeadline(state.job, held && { name: held.step.name, since: held.since }, isOld, trans, now);
  }

  /** The first step that waits with a reason, and since when. */
  private _heldUp({ job, steps }: IJobState): { step: IStep; since: number } | null {
    let step: IStep | null = null;
    for (const one of isTerminal(job.status) ? [] : steps.values()) {
      step ??= one.state === 'waiting' && one.reason ? one : null;
    }
    if (!step) {
      this._held = null;
    } else if (this._held?.path !== step.path) {
      this._held = { path: step.path, since: Date.now() };
      this._painter.schedule(HELD_AFTER_MS);
    }
    return step && this._held ? { step, since: this._held.since } : null;
  }

  private _paintResults(state: IJobState, isKnown: boolean, isOld: boolean, isShown: boolean): void {
    const isWanted = state.job.status === 'successful' && isShown;
    if (isWanted && isKnown && this._endLook && !this._isAsked) {
      this._isAsked = true;
      void this._readResults();
    }
    const results = this._read ?? this._saved.results;
    show(this._results.node, isWanted && results.length > 0);
    if (isWanted && results.length) {
      const count = this._read ? this._read.length : this._saved.resultCount;
      this._results.show({ results, count, isBrief: isOld || !isKnown }, isKnown && !!this._endLook);
    }
  }

  private async _readResults(): Promise<void> {
    try {
      const path = `${pathOf('jobs', this._model.id, 'results')}?f=links`;
      const map = await this._host.runner.request<Record<string, unknown>>(path);
      this._read = resultsOf(map, this._host.trans);
      this._painter.schedule();
    } catch {
      // The saved list stays; the next look asks again.
      this._isAsked = false;
    }
  }

  private _resultCount(state: IJobState): number | null {
    return state.job.status === 'successful' ? (this._read?.length ?? null) : 0;
  }

  private _paintSteps(state: IJobState, isOld: boolean, isShown: boolean): void {
    const { job } = state;
    const isDismissed = job.status === 'dismissed';
    const hasGraph = !!state.graph?.nodes.length;
    const isFolded = job.status === 'successful';
    show(this._steps, hasGraph && isShown && !isDismissed && !(isOld && isFolded));
    if (this._isFolded !== isFolded) {
      this._isFolded = isFolded;
      this._steps.open = !isFolded;
      this._steps.classList.toggle('jp-mod-open', !isFolded);
    }
    if (isFolded) {
      const all = [...state.steps.values()];
      const done = all.filter(step => step.state === 'done' || step.state === 'reused').length;
      const reused = all.filter(step => step.state === 'reused').length;
      const words = [this._host.trans.__('Steps · %1 of %2 done', done, all.length)];
      write(this._summary, words.concat(reused ? this._host.trans.__('%1 reused', reused) : []).join(', '));
    }
    if (this._steps.open && !this._steps.hidden) {
      this._graph.update(state);
    }
    this._drawn = state;
  }

  private _onToggle(): void {
    if (this._steps.open && this._drawn) {
      this._graph.update(this._drawn);
      this._graph.resize(this._graph.node.clientWidth - 12);
    }
  }

  private _paintNote(mode: string, state: IJobState): void {
    const { trans, stream } = this._host;
    const held = mode === 'running' ? this._heldUp(state) : null;
    if (mode === 'lost') {
      this._note.show('info', lostWords(isTerminal(state.job.status), stream, trans));
    } else if (mode === 'unknown') {
      this._note.show('info', unknownWords(this._saved, trans), this._isRevealed);
    } else if (held && Date.now() - held.since >= HELD_AFTER_MS) {
      this._note.show('wait', heldWords(held.step, trans));
    } else {
      this._note.show('info', null);
    }
  }

  private _paintTail(state: IJobState, mode: string): void {
    // Between two steps the lines of the first stay; while all waits there are none.
    const isWanted = mode === 'running' && (!this._heldUp(state) || !this._tail.isEmpty);
    show(this._tail.node, isWanted);
    if (mode === 'running' && this._endLook) {
      this._tail.follow(state.steps, step => this._partOf(step, state));
    } else {
      this._tail.pause();
    }
  }

  /** Give "crop 5/8" for a part of a scatter, else the name of the step. */
  private _partOf(step: IStep, { graph }: IJobState): string {
    const id = graph && nodeOf(step.path, new Set(graph.nodes.map(node => node.id)));
    const node = graph?.nodes.find(one => one.id === id);
    const name = clean(node?.label ?? step.name, 40);
    const part = [...step.path.matchAll(/(?<=\/)\d+(?=\/|$)/g)].pop();
    const total = id === null ? 0 : (this._graph.states.get(id!)?.total ?? 0);
    return part && total > 1 ? `${name} ${Number(part[0]) + 1}/${total}` : name;
  }

  private _paintFoot(state: IJobState, mode: string, isOld: boolean, now: number): void {
    const { trans } = this._host;
    const isShown = mode !== 'unknown' && mode !== 'lost';
    const facts = isShown ? footFacts(state, this._host.place(), trans, now) : [];
    this._foot.show(isOld ? facts.filter(fact => fact.isOfRevision) : facts);
  }

  private _tryNow(): void {
    this._host.stream.tryNow();
    void this._model.refresh();
  }

  private _openLog(id: string): void {
    const { state } = this._model;
    if (state && this._host.has(CommandIDs.openJob)) {
      const ids = new Set(state.graph?.nodes.map(node => node.id));
      const runs = [...state.steps.values()].filter(step => nodeOf(step.path, ids) === id);
      const step = runs.find(one => one.state === 'failed') ?? runs[runs.length - 1];
      const args = { jobID: this._model.id, tab: step ? 'log' : 'overview' };
      this._host.execute(CommandIDs.openJob, step ? { ...args, step: step.path } : args);
    }
  }

  /** Time goes on in words only where words tell time. */
  private _tick(mode: string, { job }: IJobState): void {
    const isCounting = mode === 'lost';
    const since = isCounting ? Date.now() : Date.parse(job.finished ?? job.started ?? job.created);
    const key = `${isCounting ? 'lost' : since}`;
    if (!this._endLook || key === this._tickKey) {
      if (!this._endLook) {
        this._tickKey = '';
      }
      return;
    }
    this._tickKey = key;
    this._endTick?.();
    this._endTick = onTick(() => this._painter.schedule(), isCounting ? Infinity : since);
  }

  private _actions: Actions;
  private _bar: ProgressBar;
  private _drawn: IJobState | null = null;
  private _endLook: (() => void) | null = null;
  private _endTick: (() => void) | null = null;
  private _explanation: Explanation;
  private _foot: Foot;
  private _graph: GraphView;
  private _head = new Headline();
  private _held: { path: string; since: number } | null = null;
  private _isAsked = false;
  private _isFolded: boolean | null = null;
  private _isRevealed = false;
  private _lostSince = 0;
  private _model: JobModel;
  private _note: Note;
  private _painter = new Painter(() => this._paint());
  private _read: IResult[] | null = null;
  private _results: ResultList;
  private _sight: IntersectionObserver;
  private _size: ResizeObserver;
  private _steps = make('details', 'jp-eodh-Steps');
  private _summary = make('summary');
  private _tail: LogTail;
  private _tickKey = '';
}
