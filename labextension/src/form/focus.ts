import { IFault } from './reading';

/** Focus the control at a path, or the nearest one around it. */
export function focusAt(root: HTMLElement, path: string): void {
  for (let place = path; place; place = place.slice(0, Math.max(0, place.lastIndexOf('/')))) {
    const found = [...root.querySelectorAll<HTMLElement>(`[data-path="${CSS.escape(place)}"]`)];
    const control = found.map(controlIn).find(node => node !== null);
    if (control) {
      control.focus();
      control.scrollIntoView({ block: 'nearest' });
      return;
    }
  }
}

/** Give the fault before or behind the one where the focus is; the first, or last, from elsewhere. */
export function nextOf(faults: IFault[], by: number): IFault {
  const here = document.activeElement?.closest('[data-path]')?.getAttribute('data-path');
  const isHere = (path: string) => `${path}/`.startsWith(`${here}/`) || `${here}/`.startsWith(`${path}/`);
  const at = here ? faults.findIndex(one => isHere(one.path)) : -1;
  const next = at < 0 ? (by > 0 ? 0 : faults.length - 1) : (at + by + faults.length) % faults.length;
  return faults[next];
}

/** Give what takes the focus within an element, or the element itself when it does; fields before buttons. */
export function controlIn(node: HTMLElement | null): HTMLElement | null {
  const fields = 'input:not([type=date]), textarea, select';
  const others = 'button, [tabindex="0"]';
  if (node?.matches(`${fields}, ${others}`)) {
    return node;
  }
  return node?.querySelector<HTMLElement>(fields) ?? node?.querySelector<HTMLElement>(others) ?? null;
}
