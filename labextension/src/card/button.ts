import { make } from '../ui/dom';
import { icon } from '../ui/icons';

/** Make a button with an icon; without a text its label names it. */
export function button(shape: string, text: string, label: string, onClick: () => void): HTMLButtonElement {
  const node = make('button', `jp-eodh-Button${text ? '' : ' jp-mod-icon jp-mod-flat'}`, icon(shape), text);
  node.type = 'button';
  if (!text) {
    node.setAttribute('aria-label', label);
  }
  if (label && label !== text) {
    node.title = label;
  }
  node.addEventListener('click', onClick);
  return node;
}
