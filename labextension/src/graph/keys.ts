import { IPlace, IPlan } from './plan';
import { INodeState } from './states';

/** What a key asks of the drawing. */
export type Meaning =
  | { act: 'go'; to: string }
  | { act: 'fold'; isFolded: boolean }
  | { act: 'activate' | 'fit' | 'clear' | 'nothing' };

/** Give what a key means at a place; null for a key that is not of the drawing. */
export function meaningOf(
  key: string,
  plan: IPlan,
  from: string,
  states: ReadonlyMap<string, INodeState>,
  last: Map<string, string>
): Meaning | null {
  const go = (to: string | null): Meaning => (to === null ? { act: 'nothing' } : { act: 'go', to });
  const isBox = plan.places.find(place => place.id === from)?.kind !== 'node';
  switch (key) {
    case 'Enter':
      return { act: 'activate' };
    case 'Escape':
      return { act: 'clear' };
    case '0':
      return { act: 'fit' };
    case '+':
    case '-':
    case '−':
      return isBox ? { act: 'fold', isFolded: key !== '+' } : { act: 'nothing' };
    case 'f':
    case 'F':
      return go(nextOf(plan, from, id => states.get(id)?.state === 'failed'));
    case 'r':
    case 'R':
      return go(nextOf(plan, from, id => states.get(id)?.state === 'running'));
    case 'ArrowLeft':
    case 'ArrowRight':
    case 'ArrowUp':
    case 'ArrowDown':
    case 'Home':
    case 'End':
      return go(move(plan, from, key, last));
    default:
      return null;
  }
}

/**
 * Give where a key leads from a place; null when it leads nowhere.
 *
 * `last` remembers, for each place, by which neighbour it was left or entered.
 */
export function move(plan: IPlan, from: string, key: string, last: Map<string, string>): string | null {
  const at = plan.places.find(place => place.id === from);
  if (!at) {
    return plan.places[0]?.id ?? null;
  }
  const beside = plan.places.filter(place => place.parent === at.parent);
  switch (key) {
    case 'ArrowRight': {
      const next = plan.lines.filter(line => line.from === from).map(line => line.to);
      return remembered(from, next, last) ?? (at.kind === 'open' ? inside(plan, from) : null);
    }
    case 'ArrowLeft': {
      const before = plan.lines.filter(line => line.to === from).map(line => line.from);
      return remembered(from, before, last) ?? at.parent;
    }
    case 'ArrowUp':
    case 'ArrowDown': {
      const column = beside.filter(place => place.layer === at.layer).sort((a, b) => a.y - b.y);
      const next = column[column.indexOf(at) + (key === 'ArrowUp' ? -1 : 1)];
      if (next) {
        return next.id;
      }
      // Past the last of a layer the box around it, or what is in this box, follows.
      return key === 'ArrowUp' ? at.parent : at.kind === 'open' ? inside(plan, from) : null;
    }
    case 'Home':
      return first(beside, 0);
    case 'End':
      return first(beside, Math.max(...beside.map(place => place.layer)));
    default:
      return null;
  }
}

/** Give the next place behind `from` of those wanted, around the end. */
export function nextOf(plan: IPlan, from: string | null, isWanted: (id: string) => boolean): string | null {
  const ids = plan.places.filter(place => place.kind !== 'open').map(place => place.id);
  const start = ids.indexOf(from ?? '') + 1;
  return [...ids.slice(start), ...ids.slice(0, start)].find(isWanted) ?? null;
}

function remembered(from: string, choices: string[], last: Map<string, string>): string | null {
  const known = last.get(from);
  return known !== undefined && choices.includes(known) ? known : (choices[0] ?? null);
}

function inside(plan: IPlan, box: string): string | null {
  return first(
    plan.places.filter(place => place.parent === box),
    0
  );
}

function first(places: IPlace[], layer: number): string | null {
  const column = places.filter(place => place.layer === layer);
  return column.sort((a, b) => a.y - b.y)[0]?.id ?? null;
}
