const PAINT_MS = 250;

/** Paints when asked, at most four times a second, and not while the page is hidden. */
export class Painter {
  constructor(private _paint: () => void) {
    document.addEventListener('visibilitychange', this._onSeen);
  }

  /** Paint soon, or after a while. */
  schedule(wait = 0): void {
    const due = Math.max(Date.now() + wait, this._paintedAt + PAINT_MS);
    if (!this._timer || due < this._due) {
      window.clearTimeout(this._timer);
      this._due = due;
      this._timer = window.setTimeout(() => {
        this._timer = 0;
        if (document.hidden) {
          this._isMissed = true;
        } else {
          this.now();
        }
      }, due - Date.now());
    }
  }

  now(): void {
    this._paintedAt = Date.now();
    this._isMissed = false;
    this._paint();
  }

  dispose(): void {
    window.clearTimeout(this._timer);
    document.removeEventListener('visibilitychange', this._onSeen);
  }

  private _onSeen = (): void => {
    if (!document.hidden && this._isMissed) {
      this.now();
    }
  };

  private _due = 0;
  private _isMissed = false;
  private _paintedAt = 0;
  private _timer = 0;
}
