/** Shapes on a grid of 16 x 16, in the colour of the text around them. */
const SHAPES: Record<string, string> = {
  accepted:
    '<circle cx="8" cy="8" r="5.75" fill="none" stroke="currentColor" stroke-width="1.5" stroke-dasharray="2.6 1.9"/>',
  waiting:
    '<circle cx="8" cy="8" r="5.75" fill="none" stroke="currentColor" stroke-width="1.5"/><path d="M8 4.6V8l2.3 1.6" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round"/>',
  running:
    '<path class="jp-eodh-arc" d="M8 2.25A5.75 5.75 0 1 1 2.25 8" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round"/><path d="M6.6 5.6v4.8L10.6 8z" fill="currentColor"/>',
  done: '<circle cx="8" cy="8" r="6.5" fill="currentColor"/><path d="M5 8.2l2.1 2.1L11.1 6" fill="none" stroke="var(--jp-layout-color1)" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round"/>',
  reused:
    '<path d="M13.2 6.2A5.6 5.6 0 0 0 3.4 4.9M2.8 9.8a5.6 5.6 0 0 0 9.8 1.3" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round"/><path d="M3.2 2v3.2h3.2M12.8 14v-3.2H9.6" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round"/><path d="M6 8.1l1.4 1.4 2.7-3" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/>',
  failed:
    '<path d="M5.2 1.5h5.6l3.7 3.7v5.6l-3.7 3.7H5.2l-3.7-3.7V5.2z" fill="currentColor"/><path d="M5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8" stroke="var(--jp-layout-color1)" stroke-width="1.6" stroke-linecap="round"/>',
  dismissed:
    '<circle cx="8" cy="8" r="5.75" fill="none" stroke="currentColor" stroke-width="1.5"/><path d="M5 8h6" stroke="currentColor" stroke-width="1.75" stroke-linecap="round"/>',
  offline:
    '<path d="M2.2 6.4a8.4 8.4 0 0 1 3.2-1.9M13.8 6.4a8.4 8.4 0 0 0-4.6-2.2M4.5 9a5.2 5.2 0 0 1 2.2-1.3M11.5 9a5.2 5.2 0 0 0-.8-.6" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round"/><circle cx="8" cy="12" r="1.3" fill="currentColor"/><path d="M2.5 2l11 12" stroke="currentColor" stroke-width="1.5" stroke-linecap="round"/>',
  process:
    '<rect x="1.5" y="5.5" width="4" height="5" rx="1" fill="none" stroke="currentColor" stroke-width="1.3"/><rect x="10.5" y="2" width="4" height="4.4" rx="1" fill="none" stroke="currentColor" stroke-width="1.3"/><rect x="10.5" y="9.6" width="4" height="4.4" rx="1" fill="none" stroke="currentColor" stroke-width="1.3"/><path d="M5.5 8h2.2c.9 0 .6-3.8 1.6-3.8h1.2M7.7 8c.9 0 .6 3.8 1.6 3.8h1.2" fill="none" stroke="currentColor" stroke-width="1.3"/>',
  warn: '<path d="M8 2.2l6.4 11.3H1.6z" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linejoin="round"/><path d="M8 6.3v3.4" stroke="currentColor" stroke-width="1.5" stroke-linecap="round"/><circle cx="8" cy="11.6" r=".9" fill="currentColor"/>',
  info: '<circle cx="8" cy="8" r="5.75" fill="none" stroke="currentColor" stroke-width="1.4"/><path d="M8 7.4v3.4" stroke="currentColor" stroke-width="1.5" stroke-linecap="round"/><circle cx="8" cy="5.3" r=".9" fill="currentColor"/>',
  computer:
    '<rect x="2" y="2.8" width="12" height="8" rx="1" fill="none" stroke="currentColor" stroke-width="1.3"/><path d="M5.5 13.3h5" stroke="currentColor" stroke-width="1.4" stroke-linecap="round"/>',
  cluster:
    '<path d="M8 1.6l5.6 3.2v6.4L8 14.4l-5.6-3.2V4.8z" fill="none" stroke="currentColor" stroke-width="1.3" stroke-linejoin="round"/><path d="M8 8l5.4-3.1M8 8v6.2M8 8L2.6 4.9" stroke="currentColor" stroke-width="1.1"/>',
  raster:
    '<path d="M2.2 2.2h11.6v11.6H2.2z" fill="none" stroke="currentColor" stroke-width="1.3"/><path d="M2.5 11.5l3.4-3.8 2.6 2.6 2-2 3 3.2" fill="none" stroke="currentColor" stroke-width="1.3" stroke-linejoin="round"/><circle cx="10.6" cy="5.4" r="1.2" fill="currentColor"/>',
  stac: '<path d="M8 1.8l6 2.9-6 2.9-6-2.9zM2 8l6 2.9L14 8M2 11.2l6 2.9 6-2.9" fill="none" stroke="currentColor" stroke-width="1.3" stroke-linejoin="round"/>',
  table:
    '<path d="M2 3h12v10H2zM2 6.4h12M2 9.7h12M6 3v10" fill="none" stroke="currentColor" stroke-width="1.3"/>',
  text: '<path d="M3.2 1.8h6.2l3.4 3.4v9H3.2z" fill="none" stroke="currentColor" stroke-width="1.3" stroke-linejoin="round"/><path d="M5.4 8h5.2M5.4 10.8h5.2" stroke="currentColor" stroke-width="1.2"/>',
  again:
    '<path d="M12.9 8a4.9 4.9 0 1 1-1.5-3.5" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round"/><path d="M11.9 1.8v3.1H8.8" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round"/>',
  log: '<path d="M2.5 3.5h11M2.5 6.5h8M2.5 9.5h11M2.5 12.5h6" stroke="currentColor" stroke-width="1.4" stroke-linecap="round"/>',
  open: '<path d="M6.5 3H3v10h10V9.5M9 3h4v4M13 3L7.5 8.5" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/>',
  code: '<path d="M5.5 4L1.8 8l3.7 4M10.5 4l3.7 4-3.7 4" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round"/>',
  stop: '<rect x="3.8" y="3.8" width="8.4" height="8.4" fill="currentColor"/>',
  copy: '<rect x="5.5" y="5.5" width="8" height="8" rx="1" fill="none" stroke="currentColor" stroke-width="1.3"/><path d="M3.5 10.5h-1v-8h8v1" fill="none" stroke="currentColor" stroke-width="1.3"/>',
  download:
    '<path d="M8 2v7.5M4.8 6.6L8 9.8l3.2-3.2M2.5 13.2h11" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round"/>',
  add: '<path d="M8 2.8v10.4M2.8 8h10.4" stroke="currentColor" stroke-width="1.6" stroke-linecap="round"/>',
  folder: '<path d="M1.8 3.6h4.4l1.4 1.6h6.6v7.6H1.8z" fill="currentColor"/>'
};
SHAPES.successful = SHAPES.done;
SHAPES.held = SHAPES.waiting;
SHAPES.none = SHAPES.accepted;
SHAPES.skipped = SHAPES.dismissed;

export type IconName = string;

/** Add a shape of one view; its markup is part of this program. */
export function addShapes(shapes: Record<string, string>): void {
  Object.assign(SHAPES, shapes);
}

/** Give an icon's own markup: constant, never text from outside. */
export function shapeOf(name: IconName): string {
  return SHAPES[name] ?? SHAPES.accepted;
}

/** Give the icon of a state or thing; its word stands beside it. */
export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('width', '16');
  svg.setAttribute('height', '16');
  svg.setAttribute('aria-hidden', 'true');
  setIcon(svg, name);
  return svg;
}

/** Turn an icon into another one. */
export function setIcon(svg: SVGSVGElement, name: IconName): void {
  if (svg.dataset.icon !== name) {
    svg.dataset.icon = name;
    svg.setAttribute('class', `jp-eodh-Icon jp-eodh-is-${name}`);
    svg.innerHTML = shapeOf(name);
  }
}

/** Give an icon as a symbol, to be drawn many times by `use`; a still one does not turn. */
export function symbol(id: string, name: IconName, isStill = false): SVGSymbolElement {
  const node = document.createElementNS('http://www.w3.org/2000/svg', 'symbol');
  node.setAttribute('id', id);
  node.setAttribute('viewBox', '0 0 16 16');
  node.innerHTML = isStill ? shapeOf(name).replace(' class="jp-eodh-arc"', '') : shapeOf(name);
  return node;
}
