import { addShapes } from '../ui/icons';

const line = (path: string, width = 1.5) =>
  `<path d="${path}" fill="none" stroke="currentColor" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round"/>`;

const SHAPES = {
  follow: line('M8 2v8M4.8 7L8 10.2 11.2 7M3 13.4h10'),
  search:
    '<circle cx="6.8" cy="6.8" r="4.3" fill="none" stroke="currentColor" stroke-width="1.5"/>' +
    line('M10 10l3.8 3.8', 1.6),
  more:
    '<circle cx="3.2" cy="8" r="1.3" fill="currentColor"/><circle cx="8" cy="8" r="1.3" fill="currentColor"/>' +
    '<circle cx="12.8" cy="8" r="1.3" fill="currentColor"/>',
  unfolded: '<path d="M4 6.2h8L8 10.6z" fill="currentColor"/>',
  folded: '<path d="M6.2 4v8l4.4-4z" fill="currentColor"/>',
  up: line('M4.2 9.8L8 6l3.8 3.8'),
  down: line('M4.2 6.3L8 10l3.8-3.7'),
  minus: line('M3 8h10', 1.6),
  fit: line('M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10', 1.4),
  value: line('M2.5 6.2h11M2.5 9.8h11', 1.4)
};

/** Add the shapes that only this page has. */
export function addPageShapes(): void {
  addShapes(SHAPES);
}
