import { Section } from './context';

/** Give the keys of all rows that bear the focus in turn: each section's head, then what it shows. */
export function keysOf(
  isListed: Record<Section, boolean>,
  folded: ReadonlySet<Section>,
  rows: Record<Section, string[]>
): string[] {
  const sections: Section[] = ['live', 'processes', 'jobs'];
  return sections
    .filter(section => isListed[section])
    .flatMap(section => [`head:${section}`, ...(folded.has(section) ? [] : rows[section])]);
}

/** Give the section of the row at a place among all that have the focus in turn. */
export function sectionOf(keys: string[], at: number): Section {
  const head = keys
    .slice(0, at + 1)
    .reverse()
    .find(key => key.startsWith('head:'));
  return (head ?? 'head:jobs').slice(5) as Section;
}
