/** Make an element with a class and what is in it; text is text, never markup. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = '',
  ...content: (Node | string | null)[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  if (className) {
    node.className = className;
  }
  node.append(...content.filter(part => part !== null));
  return node;
}

export type Attributes = Record<string, string | number>;

/** Make an element of a drawing. */
export function draw<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...content: Node[]
): SVGElementTagNameMap[K] {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  set(node, attributes);
  node.append(...content);
  return node;
}

/** Set attributes, and only those that differ. */
export function set(node: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (node.getAttribute(name) !== String(value)) {
      node.setAttribute(name, String(value));
    }
  }
}

/** Set the text, when it differs. */
export function write(node: Node, text: string): void {
  if (node.textContent !== text) {
    node.textContent = text;
  }
}

/** Show or hide, without a trace in the layout. */
export function show(node: HTMLElement, isShown: boolean): void {
  if (node.hidden === isShown) {
    node.hidden = !isShown;
  }
}
