const EVERY_MS = 10000;

/** The window's live regions: one message per subject each 10 s at most, the newest wins. */
export class Announcer {
  /** Say it when there is a pause. */
  polite(message: string, subject = ''): void {
    const wait = (this._said.get(subject) ?? 0) + EVERY_MS - Date.now();
    this._waiting.set(subject, message);
    if (wait <= 0) {
      this._say(subject);
    } else if (!this._timers.has(subject)) {
      this._timers.set(
        subject,
        window.setTimeout(() => this._say(subject), wait)
      );
    }
  }

  /** Say it at once. */
  assertive(message: string): void {
    this._region('assertive').textContent = message;
  }

  private _say(subject: string): void {
    this._timers.delete(subject);
    this._said.set(subject, Date.now());
    this._region('polite').textContent = this._waiting.get(subject) ?? '';
  }

  private _region(kind: 'polite' | 'assertive'): HTMLElement {
    let node = this._regions.get(kind);
    if (!node) {
      node = document.createElement('div');
      node.className = 'jp-eodh-Live';
      node.setAttribute('aria-live', kind);
      node.setAttribute('role', kind === 'polite' ? 'status' : 'alert');
      document.body.appendChild(node);
      this._regions.set(kind, node);
    }
    return node;
  }

  private _regions = new Map<string, HTMLElement>();
  private _said = new Map<string, number>();
  private _timers = new Map<string, number>();
  private _waiting = new Map<string, string>();
}
