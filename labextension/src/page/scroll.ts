/** Browsers draw no element higher than some 16 million pixels. */
export const MOST_PX = 8_000_000;

/**
 * Which of very many rows are in view.
 *
 * Short ways of the scroll bar are walked row by row, whatever their heights; long ones are taken
 * as a share of the whole. `settled` gives where the bar belongs once it rests.
 */
export class RowScroll {
  count = 0;
  /** Height of what is seen, in px. */
  view = 0;
  /** First row in view, and how many px of it are above the edge. */
  row = 0;
  into = 0;
  /** Rows that are higher than usual. */
  readonly heights = new Map<number, number>();

  constructor(
    readonly rowHeight: number,
    readonly mostRows: number
  ) {}

  /** Height of what the scroll bar moves in. */
  get size(): number {
    return Math.min(this.count * this.rowHeight, MOST_PX);
  }

  /** Rows to draw: from this one to the one before `last`. */
  get last(): number {
    let last = this.row;
    for (let shown = -this.into; shown < this.view && last < this.count; last++) {
      shown += this._heightOf(last);
    }
    return Math.min(last, this.row + this.mostRows);
  }

  get isAtEnd(): boolean {
    const end = this._end();
    return this.row > end.row || (this.row === end.row && this.into >= end.into - 1);
  }

  /** The bar was moved. */
  take(top: number): void {
    const way = top - this._top;
    this._top = top;
    if (top <= 0) {
      this.to(0);
    } else if (top >= this.size - this.view - 1) {
      this.toEnd();
    } else if (Math.abs(way) <= 2 * this.view) {
      this._walk(way);
    } else {
      const share = top / Math.max(1, this.size - this.view);
      const place = share * Math.max(0, this.count * this.rowHeight - this.view);
      this.to(Math.floor(place / this.rowHeight));
      this.into = place % this.rowHeight;
    }
  }

  /** Bring a row to the upper edge. */
  to(row: number): void {
    this.row = Math.max(0, Math.min(row, this.count - 1));
    this.into = 0;
    this._keepIn();
  }

  toEnd(): void {
    Object.assign(this, this._end());
  }

  /** Bring a row into view, with as little movement as will do, or to the middle when it is far. */
  show(row: number): void {
    if (row < this.row || (row === this.row && this.into > 0)) {
      this.to(this.row - row > 2 ? row - this._half() : row);
    } else if (row >= this.last - 1) {
      this.to(row - this.last > 2 ? row - this._half() : row - Math.floor(this.view / this.rowHeight) + 1);
    }
  }

  /** Give where the bar belongs. */
  settled(): number {
    const whole = Math.max(1, this.count * this.rowHeight - this.view);
    const share = Math.min(1, (this.row * this.rowHeight + this.into) / whole);
    this._top = this.isAtEnd ? this.size - this.view : share * Math.max(0, this.size - this.view);
    this._top = Math.max(0, Math.round(this._top));
    return this._top;
  }

  private _half(): number {
    return Math.floor(this.view / this.rowHeight / 2);
  }

  private _walk(way: number): void {
    this.into += way;
    while (this.into < 0 && this.row > 0) {
      this.into += this._heightOf(--this.row);
    }
    while (this.into >= this._heightOf(this.row) && this.row < this.count - 1) {
      this.into -= this._heightOf(this.row++);
    }
    this.into = Math.max(0, this.into);
    this._keepIn();
  }

  private _keepIn(): void {
    const end = this._end();
    if (this.row > end.row || (this.row === end.row && this.into > end.into)) {
      Object.assign(this, end);
    }
  }

  private _end(): { row: number; into: number } {
    let shown = 0;
    let row = this.count;
    while (row > 0 && shown < this.view) {
      shown += this._heightOf(--row);
    }
    return { row, into: Math.max(0, shown - this.view) };
  }

  private _heightOf(row: number): number {
    return this.heights.get(row) ?? this.rowHeight;
  }

  private _top = 0;
}
