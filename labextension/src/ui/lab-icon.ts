import { LabIcon } from '@jupyterlab/ui-components';

const stroke = (width: number) =>
  `class="jp-icon3" stroke="#616161" stroke-width="${width}" stroke-linejoin="round"`;
const drawing = (content: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" width="16" fill="none">${content}</svg>`;

/** A process; the panel, and all that is the product's. */
export const processIcon = new LabIcon({
  name: 'eodh:process',
  svgstr: drawing(
    `<g ${stroke(1.3)}><rect x="1.5" y="5.5" width="4" height="5" rx="1"/>` +
      '<rect x="10.5" y="2" width="4" height="4.4" rx="1"/><rect x="10.5" y="9.6" width="4" height="4.4" rx="1"/>' +
      '<path d="M5.5 8h2.2c.9 0 .6-3.8 1.6-3.8h1.2M7.7 8c.9 0 .6 3.8 1.6 3.8h1.2"/></g>'
  )
});

/** A file of CWL. */
export const cwlIcon = new LabIcon({
  name: 'eodh:cwl',
  svgstr: drawing(
    `<path ${stroke(1.3)} d="M3.2 1.8h6.2l3.4 3.4v9H3.2z"/><g class="jp-icon3" fill="#616161">` +
      '<circle cx="5.9" cy="9.6" r="1.2"/><circle cx="10.1" cy="7.6" r="1.2"/><circle cx="10.1" cy="11.6" r="1.2"/></g>' +
      `<path ${stroke(1)} d="M5.9 9.6l4.2-2M5.9 9.6l4.2 2"/>`
  )
});
