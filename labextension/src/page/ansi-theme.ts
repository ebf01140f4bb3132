import { css, readable, readColour, Rgb } from './contrast';

/** The terminal's eight colours, as the theme has them. */
const TOKENS = [
  '--jp-ui-font-color0',
  '--jp-error-color1',
  '--jp-success-color1',
  '--jp-warn-color1',
  '--jp-brand-color1',
  '--jp-mirror-editor-operator-color',
  '--jp-info-color1',
  '--jp-ui-font-color0'
];

/** Set the sixteen colours on an element, each mixed with its text until it can be read there. */
export function setAnsiColours(node: HTMLElement): void {
  const probe = document.createElement('span');
  probe.style.display = 'none';
  node.appendChild(probe);
  const read = (value: string, behind?: Rgb): Rgb => {
    probe.style.color = value;
    return readColour(getComputedStyle(probe).color, behind);
  };
  const ground = read('var(--jp-layout-color0)');
  const text = read('var(--jp-ui-font-color0)', ground);
  const grounds = [ground, read('color-mix(in srgb, var(--jp-error-color1) 9%, var(--jp-layout-color0))')];
  for (let colour = 0; colour < 16; colour++) {
    const own = read(`var(${TOKENS[colour % 8]}, var(--jp-ui-font-color0))`, ground);
    node.style.setProperty(`--eodh-ansi-${colour}`, css(readable(own, text, grounds)));
  }
  probe.remove();
}
