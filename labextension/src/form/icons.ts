const line = (d: string, width = 1.5) =>
  `<path d="${d}" fill="none" stroke="currentColor" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round"/>`;

/** Shapes of the form alone. */
export const formShapes = {
  launch: '<path d="M4.5 2.8v10.4L13 8z" fill="currentColor"/>',
  back: line('M3 6.5h6.5a3.5 3.5 0 0 1 0 7H6') + line('M5.6 3.6L2.7 6.5l2.9 2.9'),
  calendar:
    '<rect x="2" y="3" width="12" height="10.6" rx="1" fill="none" stroke="currentColor" stroke-width="1.3"/>' +
    line('M2 6.4h12M5.2 1.6v2.6M10.8 1.6v2.6', 1.3),
  minus: line('M3 8h10', 1.6),
  cross: line('M4 4l8 8M12 4l-8 8'),
  up: line('M4.2 9.7L8 6l3.8 3.7'),
  down: line('M4.2 6.3L8 10l3.8-3.7'),
  more: [3.2, 8, 12.8].map(x => `<circle cx="${x}" cy="8" r="1.3" fill="currentColor"/>`).join(''),
  box:
    '<path d="M3 3h10v10H3z" fill="none" stroke="currentColor" stroke-width="1.3" stroke-dasharray="2 1.6"/>' +
    '<path d="M1.6 1.6h2.8v2.8H1.6zM11.6 1.6h2.8v2.8h-2.8zM1.6 11.6h2.8v2.8H1.6zM11.6 11.6h2.8v2.8h-2.8z" fill="currentColor"/>'
};
