import { GeometryError, IGeometry, Position } from './geometry';

const TYPES: Record<string, [string, number]> = {
  POINT: ['Point', 0],
  LINESTRING: ['LineString', 1],
  POLYGON: ['Polygon', 2],
  MULTIPOINT: ['MultiPoint', 1],
  MULTILINESTRING: ['MultiLineString', 2],
  MULTIPOLYGON: ['MultiPolygon', 3]
};

/** Read well-known text, also with a leading SRID of degrees. */
export function parseWkt(text: string): IGeometry {
  const srid = /^\s*SRID\s*=\s*(\d+)\s*;/i.exec(text);
  if (srid && srid[1] !== '4326') {
    throw new GeometryError(`its coordinates are in EPSG:${srid[1]}; give degrees (EPSG:4326)`);
  }
  const tokens = text.slice(srid?.[0].length ?? 0).match(/[A-Za-z]+|[(),]|[^\s(),]+/g) ?? [];
  const reader = new Reader(tokens);
  const found = reader.geometry();
  if (!reader.isAtEnd) {
    throw new GeometryError(`not WKT: something follows the ${found.type}`);
  }
  return found;
}

class Reader {
  constructor(private _tokens: string[]) {}

  get isAtEnd(): boolean {
    return this._place >= this._tokens.length;
  }

  geometry(): IGeometry {
    const name = this._next()
      .toUpperCase()
      .replace(/(ZM?|(?<!O)M)$/, '');
    if (/^(Z|M|ZM)$/i.test(this._peek())) {
      this._next();
    }
    if (name === 'GEOMETRYCOLLECTION') {
      return { type: 'GeometryCollection', geometries: this._list(() => this.geometry()) };
    }
    const [type, depth] = TYPES[name] ?? [];
    if (type === undefined || depth === undefined) {
      throw new GeometryError(`not GeoJSON or WKT: ${name.slice(0, 30) || 'nothing'}`);
    }
    if (depth === 0) {
      return { type, coordinates: this._list(() => this._position())[0] };
    }
    const isPoints = type === 'MultiPoint';
    return { type, coordinates: this._nested(depth, isPoints) };
  }

  private _nested(depth: number, isPoints: boolean): unknown[] {
    if (depth > 1) {
      return this._list(() => this._nested(depth - 1, isPoints));
    }
    return this._list(() =>
      isPoints && this._peek() === '(' ? this._list(() => this._position())[0] : this._position()
    );
  }

  private _list<T>(read: () => T): T[] {
    if (this._next() !== '(') {
      throw new GeometryError('not WKT: a bracket is missing');
    }
    const found = [read()];
    let mark = this._next();
    while (mark === ',') {
      found.push(read());
      mark = this._next();
    }
    if (mark !== ')') {
      throw new GeometryError('not WKT: a bracket is not closed');
    }
    return found;
  }

  private _position(): Position {
    const found: number[] = [];
    while (!this.isAtEnd && !/^[(),]$/.test(this._peek())) {
      found.push(Number(this._next()));
    }
    return found;
  }

  private _peek(): string {
    return this._tokens[this._place] ?? '';
  }

  private _next(): string {
    return this._tokens[this._place++] ?? '';
  }

  private _place = 0;
}

/** Write well-known text. */
export function toWkt(geometry: IGeometry): string {
  if (geometry.geometries) {
    return `GEOMETRYCOLLECTION (${geometry.geometries.map(toWkt).join(', ')})`;
  }
  const body = written(geometry.coordinates);
  return `${geometry.type.toUpperCase()} ${geometry.type === 'Point' ? `(${body})` : body}`;
}

function written(value: any): string {
  return typeof value[0] === 'number' ? value.join(' ') : `(${value.map(written).join(', ')})`;
}
