import { IGraph } from '../model/wire';
import { DENSE_FROM, IPlan } from './plan';
import { INodeState } from './states';

/** Id of the box that stands for all of a workflow too large to draw. */
export const WHOLE = '*';

export interface IOpening {
  graph: IGraph;
  folded: Set<string>;
}

/**
 * Decide how a document is first shown: over 25 steps, boxes in which nothing happens are folded;
 * what would need more elements than `limit` is folded further, at last to one box.
 */
export function opening(
  graph: IGraph,
  states: ReadonlyMap<string, INodeState>,
  name: string,
  limit: number,
  draft: (graph: IGraph, folded: Set<string>) => IPlan
): IOpening {
  const boxes = graph.nodes.filter(node => node.kind === 'workflow').map(node => node.id);
  const isMany = graph.nodes.length - boxes.length > DENSE_FROM;
  const idle = boxes.filter(box => !isLive(states.get(box)!));
  let folded = new Set(isMany ? idle : []);
  if (weight(draft(graph, folded)) <= limit) {
    return { graph, folded };
  }
  folded = new Set(boxes);
  if (weight(draft(graph, folded)) <= limit) {
    return { graph, folded };
  }
  const whole = { id: WHOLE, label: name, parent: null, is_scatter: false, kind: 'workflow' as const };
  const nodes = graph.nodes.map(node => ({ ...node, parent: node.parent ?? WHOLE }));
  return { graph: { nodes: [whole, ...nodes], edges: graph.edges }, folded: new Set([WHOLE]) };
}

/** Give how many elements a drawing takes, at most. */
function weight({ places, lines }: IPlan): number {
  const each = (place: (typeof places)[0]) => (place.kind !== 'node' || place.isScatter ? 9 : 5);
  return lines.length + places.reduce((sum, place) => sum + each(place), 0);
}

function isLive(found: INodeState): boolean {
  return found.state === 'running' || found.state === 'failed' || found.state === 'held';
}
