import { IJobState } from '../model/job';
import { IGraph, INode, IStep, isTerminal } from '../model/wire';
import { INodeState, isDone, nodeOf, NodeState, nodeStates } from '../graph/states';

/** A step, a sub-workflow, or one part of a scatter, as the table of steps shows it. */
export interface IRow {
  /** Id of the node, or path of the step run. */
  key: string;
  label: string;
  level: number;
  state: NodeState;
  /** Why it waits, when it says so. */
  reason: string | null;
  /** Its step runs, with those of what is below it. */
  runs: IStep[];
  /** Labels of the steps that it waits for. */
  waitsFor: string[];
  isScatter: boolean;
  children: IRow[];
}

/** Parts of a scatter that are unfolded at first. */
const FEW_PARTS = 10;

/** Give the rows of a job as a tree: its graph, with the step runs that are known. */
export function rowsOf(state: IJobState): IRow[] {
  const graph = state.graph ?? { nodes: [], edges: [] };
  const states = nodeStates(graph, state);
  const ids = new Set(graph.nodes.map(node => node.id));
  const runs = new Map<string, IStep[]>();
  const rest: IStep[] = [];
  for (const step of state.steps.values()) {
    const id = nodeOf(step.path, ids);
    if (id === null) {
      rest.push(step);
    } else {
      runs.set(id, [...(runs.get(id) ?? []), step]);
    }
  }
  const children = new Map<string | null, INode[]>();
  for (const node of inOrder(graph)) {
    children.set(node.parent, [...(children.get(node.parent) ?? []), node]);
  }
  const below = (parent: string | null, level: number): IRow[] =>
    (children.get(parent) ?? []).map(node => {
      const own = runs.get(node.id) ?? [];
      return row(node, states.get(node.id)!, own, below(node.id, level + 1), level);
    });
  const tree = [...below(null, 1), ...rest.map(step => part(step, step.name || step.path, 1))];
  wait(state, tree);
  return tree;
}

/** Give the rows that are shown, top to bottom. */
export function shownRows(tree: IRow[], folds: ReadonlyMap<string, boolean>): IRow[] {
  return tree.flatMap(found =>
    isFolded(found, folds) ? [found] : [found, ...shownRows(found.children, folds)]
  );
}

/** Tell whether a row's children are hidden: as the person said, else few enough. */
export function isFolded(found: IRow, folds: ReadonlyMap<string, boolean>): boolean {
  return folds.get(found.key) ?? (found.isScatter && found.children.length > FEW_PARTS);
}

/** Give the row that a key names, also where only its step is known. */
export function findRow(tree: IRow[], key: string): IRow | null {
  for (const found of tree) {
    const inner = found.key === key ? found : findRow(found.children, key);
    if (inner) {
      return inner;
    }
  }
  return null;
}

/** Give the step run whose log a row opens: the failed one, one that runs, the newest. */
export function logOf(found: IRow): IStep | null {
  const withLog = found.runs.filter(step => step.log && step.state !== 'waiting');
  return (
    withLog.find(step => step.state === 'failed') ??
    withLog.filter(step => step.state === 'running').pop() ??
    withLog[withLog.length - 1] ??
    null
  );
}

/** Give (done, known) step runs of a row. */
export function countOf(found: IRow): [number, number] {
  return [found.runs.filter(step => isDone(step.state as NodeState)).length, found.runs.length];
}

/** Give the nodes in the order in which they can run; what could be at once stays as written. */
function inOrder(graph: IGraph): INode[] {
  const rank = new Map(graph.nodes.map(node => [node.id, 0]));
  // A graph of n nodes has no longer way than n; one with a circle is left as it is.
  for (let turn = 0, isMoved = true; isMoved && turn < graph.nodes.length; turn++) {
    isMoved = false;
    for (const [from, to] of graph.edges) {
      const least = (rank.get(from) ?? 0) + 1;
      if ((rank.get(to) ?? 0) < least) {
        rank.set(to, least);
        isMoved = true;
      }
    }
  }
  return [...graph.nodes].sort((a, b) => rank.get(a.id)! - rank.get(b.id)!);
}

function row(node: INode, found: INodeState, own: IStep[], within: IRow[], level: number): IRow {
  const isScatter = within.length === 0 && (node.is_scatter || own.length > 1);
  return {
    key: node.id,
    label: node.label || node.id,
    level,
    state: found.state,
    reason: found.reason,
    runs: [...own, ...within.flatMap(child => child.runs)],
    waitsFor: [],
    isScatter,
    children: isScatter
      ? [...own].sort(byIndex).map(step => part(step, partName(step.path), level + 1))
      : within
  };
}

function part(step: IStep, label: string, level: number): IRow {
  return {
    key: step.path,
    label,
    level,
    state: step.state === 'waiting' && step.reason ? 'held' : step.state,
    reason: step.reason ?? null,
    runs: [step],
    waitsFor: [],
    isScatter: false,
    children: []
  };
}

/** Parts stand by their indices, in whatever order they began. */
function byIndex(a: IStep, b: IStep): number {
  return a.path.localeCompare(b.path, 'en', { numeric: true });
}

/** Parts count from 1, as people do. */
function partName(path: string): string {
  const indices = path.split('/').filter(name => /^\d+$/.test(name));
  return indices.map(index => String(Number(index) + 1)).join(', ') || path;
}

/** Say what the steps without a run wait for. */
function wait(state: IJobState, tree: IRow[]): void {
  if (isTerminal(state.job.status)) {
    return;
  }
  const all = new Map<string, IRow>();
  const collect = (rows: IRow[]) =>
    rows.forEach(found => (all.set(found.key, found), collect(found.children)));
  collect(tree);
  for (const [from, to] of state.graph?.edges ?? []) {
    const [before, found] = [all.get(from), all.get(to)];
    if (before && found?.state === 'waiting' && found.runs.length === 0 && !isDone(before.state)) {
      found.waitsFor.push(before.label);
    }
  }
}
