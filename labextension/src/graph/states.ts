import { duration } from '../model/format';
import { IJobState } from '../model/job';
import { clean, ITrans } from '../model/words';
import { IGraph, INode, IStep, isTerminal } from '../model/wire';

export type NodeState =
  'waiting' | 'held' | 'running' | 'done' | 'reused' | 'failed' | 'dismissed' | 'skipped' | 'none';

/** What a node, or a box of nodes, shows. */
export interface INodeState {
  state: NodeState;
  /** Step runs of a node, steps of a box: what is known by now. */
  total: number;
  done: number;
  running: number;
  failed: number;
  /** Of the newest run that is tried again; else 1. */
  attempt: number;
  /** Seconds of the one run. */
  wall: number | null;
  /** Why it waits, when it says so. */
  reason: string | null;
  /** State of each part, in order, for a strip. */
  parts: NodeState[];
  isBox: boolean;
}

/** Give the node of a step run: its path without the numbers of parts and rounds. */
export function nodeOf(path: string, ids: ReadonlySet<string>): string | null {
  let found: string | null = null;
  for (const segment of path.split('/')) {
    const child: string = found === null ? segment : `${found}/${segment}`;
    if (ids.has(child)) {
      found = child;
    } else if (found === null || !/^\d+$/.test(segment)) {
      return found;
    }
  }
  return found;
}

/** Give the state of each node and box. */
export function nodeStates(graph: IGraph, { job, steps }: IJobState): Map<string, INodeState> {
  const ids = new Set(graph.nodes.map(node => node.id));
  const runs = new Map<string, IStep[]>();
  for (const step of steps.values()) {
    const id = nodeOf(step.path, ids);
    if (id !== null) {
      runs.set(id, [...(runs.get(id) ?? []), step]);
    }
  }
  const children = new Map<string, INode[]>();
  for (const node of graph.nodes) {
    if (node.parent !== null) {
      children.set(node.parent, [...(children.get(node.parent) ?? []), node]);
    }
  }
  const isPassed = passed(graph, runs.keys());
  const states = new Map<string, INodeState>();
  const fill = (node: INode): INodeState => {
    const within = children.get(node.id);
    const state = within
      ? ofBox(within.map(fill))
      : ofRuns(runs.get(node.id) ?? [], node, job.status, isPassed.has(node.id));
    states.set(node.id, state);
    return state;
  };
  graph.nodes.filter(node => node.parent === null || !ids.has(node.parent)).forEach(fill);
  return states;
}

/** Give the nodes before those that have begun. */
function passed(graph: IGraph, begun: Iterable<string>): Set<string> {
  const before = new Map<string, string[]>();
  graph.edges.forEach(([from, to]) => before.set(to, [...(before.get(to) ?? []), from]));
  const found = new Set<string>();
  const open: string[] = [];
  for (const id of begun) {
    for (let at = id; at; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
      open.push(at);
    }
  }
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const id of before.get(at) ?? []) {
      if (!found.has(id)) {
        found.add(id);
        open.push(id);
      }
    }
  }
  return found;
}

function ofRuns(runs: IStep[], node: INode, status: string, hasFollowers: boolean): INodeState {
  const count = (...wanted: string[]) => runs.filter(run => wanted.includes(run.state)).length;
  const waiting = runs.find(run => run.state === 'waiting');
  const [done, running, failed] = [count('done', 'reused'), count('running'), count('failed')];
  let state: NodeState;
  if (runs.length === 0) {
    state = isTerminal(status) || hasFollowers ? 'none' : 'waiting';
    if (status === 'successful' || hasFollowers) {
      // An expression has no run of its own; a condition that is false has none either.
      state = node.is_conditional ? 'skipped' : 'done';
    }
  } else if (failed) {
    state = 'failed';
  } else if (running) {
    state = 'running';
  } else if (waiting) {
    state = waiting.reason ? 'held' : done ? 'running' : 'waiting';
  } else {
    state = count('dismissed') ? 'dismissed' : done === count('reused') ? 'reused' : 'done';
  }
  return {
    state,
    total: runs.length,
    done,
    running,
    failed,
    attempt: Math.max(1, ...runs.filter(run => !isOver(run)).map(run => run.attempt ?? 1)),
    wall: runs.length === 1 ? (runs[0].wall_s ?? null) : null,
    reason: state === 'held' ? clean(waiting?.reason, 300) : null,
    parts: runs.map(run => run.state as NodeState),
    isBox: false
  };
}

function ofBox(inner: INodeState[]): INodeState {
  const is = (state: NodeState) => inner.filter(child => child.state === state).length;
  // What runs within is counted by steps, whatever their depth.
  const sum = (of: (child: INodeState) => number) => inner.reduce((total, child) => total + of(child), 0);
  const total = sum(child => (child.isBox ? child.total : 1));
  const done = sum(child => (child.isBox ? child.done : Number(isDone(child.state))));
  let state: NodeState = 'waiting';
  if (is('failed')) {
    state = 'failed';
  } else if (is('running')) {
    state = 'running';
  } else if (is('held')) {
    state = 'held';
  } else if (inner.every(child => isDone(child.state))) {
    state = inner.every(child => child.state === 'reused') ? 'reused' : 'done';
    state = inner.every(child => child.state === 'skipped') ? 'skipped' : state;
  } else if (is('dismissed')) {
    state = 'dismissed';
  } else if (is('none')) {
    state = 'none';
  } else if (done) {
    state = 'running';
  }
  const reason = inner.find(child => child.reason)?.reason ?? null;
  return {
    state,
    total,
    done,
    running: sum(child => (child.isBox ? child.running : Number(child.state === 'running'))),
    failed: sum(child => (child.isBox ? child.failed : Number(child.state === 'failed'))),
    attempt: 1,
    wall: null,
    reason: state === 'held' ? reason : null,
    parts: inner.flatMap(child => (child.isBox ? child.parts : [child.state])),
    isBox: true
  };
}

export function isDone(state: NodeState): boolean {
  return state === 'done' || state === 'reused' || state === 'skipped';
}

function isOver(run: IStep): boolean {
  return run.state !== 'waiting' && run.state !== 'running';
}

/** Give the word beside a node's icon; the short form is for narrow nodes. */
export function nodeWord(found: INodeState, trans: ITrans, isScatter: boolean, isShort = false): string {
  const { state, total, done, failed } = found;
  const isMany = isScatter && total > 1;
  const share = `${done}/${total}`;
  if (found.attempt > 1 && (state === 'waiting' || state === 'held' || state === 'running')) {
    return trans.__('try %1', found.attempt);
  }
  switch (state) {
    case 'running':
      return !isMany ? trans.__('running') : isShort ? share : trans.__('running %1', share);
    case 'done':
      if (isMany) {
        return isShort ? share : trans.__('done %1', share);
      }
      if (found.wall === null || found.wall < 1) {
        return trans.__('done');
      }
      return isShort ? duration(found.wall) : trans.__('done %1', duration(found.wall));
    case 'reused':
      return isMany && !isShort ? trans.__('reused %1', share) : trans.__('reused');
    case 'failed':
      return isMany && !isShort ? trans.__('failed %1 of %2', failed, total) : trans.__('failed');
    case 'held':
      return found.reason && !isShort && found.reason.length < 16 ? found.reason : trans.__('held up');
    case 'waiting':
      return isMany ? trans.__('waiting ×%1', total) : trans.__('waiting');
    case 'skipped':
      return trans.__('skipped');
    case 'dismissed':
      return trans.__('dismissed');
    default:
      return isShort ? trans.__('not run') : trans.__('not started');
  }
}

/** Give the words of a box's title or of a folded box. */
export function boxWord(found: INodeState, trans: ITrans): string {
  const words: Record<NodeState, string> = {
    waiting: trans.__('waiting'),
    held: trans.__('held up'),
    running: trans.__('running'),
    done: trans.__('done'),
    reused: trans.__('reused'),
    failed: trans.__('failed'),
    dismissed: trans.__('dismissed'),
    skipped: trans.__('skipped'),
    none: trans.__('not started')
  };
  return words[found.state];
}

/** Give what a screen reader says of it. */
export function spoken(label: string, found: INodeState, trans: ITrans, isScatter: boolean): string {
  const name = clean(label, 120);
  if (found.isBox) {
    return trans.__('%1, %2, %3 of %4 steps', name, boxWord(found, trans), found.done, found.total);
  }
  const reason = found.reason ? `, ${found.reason}` : '';
  const isMany = isScatter && found.total > 1;
  const share = isMany ? trans.__('%1 of %2', found.done, found.total) : '';
  const word = isMany ? boxWord(found, trans) : nodeWord(found, trans, false);
  return [name, word, share].filter(Boolean).join(', ') + reason;
}
