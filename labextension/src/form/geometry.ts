import { Box, boxOf } from './extent';
import { parseWkt, toWkt } from './wkt';

export type Position = number[];

export interface IGeometry {
  type: string;
  coordinates?: any;
  geometries?: IGeometry[];
}

/** What a person gave is no geometry; the message says why. */
export class GeometryError extends Error {}

const DEPTH: Record<string, number> = {
  Point: 0,
  MultiPoint: 1,
  LineString: 1,
  MultiLineString: 2,
  Polygon: 2,
  MultiPolygon: 3
};
const MAX_TEXT = 5_000_000;

/** Read GeoJSON or WKT in degrees; throws GeometryError with what is wrong. */
export function parseGeometry(text: string): IGeometry {
  const given = text.trim();
  if (given.length > MAX_TEXT) {
    throw new GeometryError('too long; give at most 5 MB');
  }
  if (!given.startsWith('{')) {
    return checked(parseWkt(given));
  }
  let value: unknown;
  try {
    value = JSON.parse(given);
  } catch (error) {
    throw new GeometryError(`not GeoJSON: ${(error as Error).message}`);
  }
  return geometryOf(value);
}

/** Give the one geometry of a GeoJSON object. */
export function geometryOf(value: any): IGeometry {
  if (value?.type === 'Feature') {
    return geometryOf(value.geometry);
  }
  if (value?.type === 'FeatureCollection' && Array.isArray(value.features)) {
    const found: IGeometry[] = value.features.map(geometryOf);
    if (found.length === 0) {
      throw new GeometryError('it has no feature');
    }
    return joined(found);
  }
  const crs = String(value?.crs?.properties?.name ?? '');
  if (crs && !/CRS84|4326/.test(crs)) {
    throw new GeometryError(`its coordinates are in ${crs.slice(0, 60)}; give degrees (EPSG:4326)`);
  }
  return checked(value);
}

function joined(found: IGeometry[]): IGeometry {
  if (found.length === 1) {
    return found[0];
  }
  if (found.every(one => one.type === 'Polygon' || one.type === 'MultiPolygon')) {
    const coordinates = found.flatMap(one => (one.type === 'Polygon' ? [one.coordinates] : one.coordinates));
    return { type: 'MultiPolygon', coordinates };
  }
  return { type: 'GeometryCollection', geometries: found };
}

function checked(value: any): IGeometry {
  if (value?.type === 'GeometryCollection' && Array.isArray(value.geometries)) {
    return { type: value.type, geometries: value.geometries.map(checked) };
  }
  const depth = DEPTH[value?.type];
  if (depth === undefined) {
    throw new GeometryError(`not GeoJSON or WKT: ${JSON.stringify(value?.type ?? null).slice(0, 40)}`);
  }
  checkPositions(value.coordinates, depth);
  const rings = value.type === 'Polygon' ? value.coordinates : value.coordinates.flat?.(1);
  if (value.type.endsWith('Polygon')) {
    for (const ring of rings as Position[][]) {
      const [first, last] = [ring[0], ring[ring.length - 1]];
      if (ring.length < 4 || first[0] !== last[0] || first[1] !== last[1]) {
        throw new GeometryError('a ring does not end where it begins');
      }
    }
  }
  return { type: value.type, coordinates: value.coordinates };
}

function checkPositions(value: any, depth: number): void {
  if (depth > 0) {
    if (!Array.isArray(value) || value.length === 0) {
      throw new GeometryError('it is empty');
    }
    value.forEach(item => checkPositions(item, depth - 1));
    return;
  }
  const isPosition = Array.isArray(value) && value.length >= 2 && value.every(Number.isFinite);
  if (!isPosition) {
    throw new GeometryError('a position is not two numbers');
  }
  if (Math.abs(value[1]) > 90 || Math.abs(value[0]) > 360) {
    const place = `${value[0]}, ${value[1]}`;
    throw new GeometryError(`${place} is not a longitude and a latitude; give degrees (EPSG:4326)`);
  }
}

/** Give the paths of a geometry: rings, lines, single points. */
export function pathsOf(geometry: IGeometry): Position[][] {
  if (geometry.geometries) {
    return geometry.geometries.flatMap(pathsOf);
  }
  const { type, coordinates } = geometry;
  switch (type) {
    case 'Point':
      return [[coordinates]];
    case 'MultiPoint':
      return coordinates.map((position: Position) => [position]);
    case 'LineString':
      return [coordinates];
    case 'MultiPolygon':
      return coordinates.flat(1);
    default:
      return coordinates;
  }
}

/** Give the box around a geometry; parts that meet at the date line make one that crosses it. */
export function extentOf(geometry: IGeometry): Box {
  const parts = pathsOf(geometry).map(path => {
    const longitudes = path.map(position => position[0]);
    return [Math.min(...spread(longitudes)), Math.max(...spread(longitudes))];
  });
  const latitudes = pathsOf(geometry).flatMap(path => path.map(position => position[1]));
  const [south, north] = [least(latitudes), most(latitudes)];
  const atEast = parts.filter(part => part[1] === 180);
  const atWest = parts.filter(part => part[0] === -180 && part[1] !== 180);
  if (atEast.length > 0 && atWest.length > 0 && parts.every(part => part[1] - part[0] < 180)) {
    const east = parts.filter(part => part[0] >= 0);
    const west = parts.filter(part => part[0] < 0);
    return [least(east.map(part => part[0])), south, most(west.map(part => part[1])), north];
  }
  return [least(parts.map(part => part[0])), south, most(parts.map(part => part[1])), north];
}

function spread(values: number[]): number[] {
  return values.length < 10000 ? values : [least(values), most(values)];
}

function least(values: number[]): number {
  return values.reduce((a, b) => Math.min(a, b));
}

function most(values: number[]): number {
  return values.reduce((a, b) => Math.max(a, b));
}

/** Give a box as the polygon around it, counter-clockwise; two parts where it crosses the date line. */
export function polygonOf([west, south, east, north]: Box): IGeometry {
  const ring = (w: number, e: number) => [
    [
      [w, south],
      [e, south],
      [e, north],
      [w, north],
      [w, south]
    ]
  ];
  if (west <= east) {
    return { type: 'Polygon', coordinates: ring(west, east) };
  }
  return { type: 'MultiPolygon', coordinates: [ring(west, 180), ring(-180, east)] };
}

/** Give the box that a pasted text means: four numbers, GeoJSON or WKT; null when it means none. */
export function boxFromText(text: string): Box | null {
  const given = text.trim();
  const plain = boxOf(given);
  if (plain) {
    return plain;
  }
  if (!/^[{A-Za-z]/.test(given)) {
    return null;
  }
  return extentOf(parseGeometry(given));
}

/** Give the value of a geometry in the form that a schema asks for. */
export function shapedGeometry(geometry: IGeometry, schema: any): unknown {
  if (schema?.type === 'string') {
    return /wkt/i.test(`${schema.format} ${schema.contentMediaType}`)
      ? toWkt(geometry)
      : JSON.stringify(geometry);
  }
  const types = typesOf(schema);
  if (types.length > 0 && !types.includes(geometry.type)) {
    const feature = { type: 'Feature', geometry, properties: {} };
    if (types.includes('Feature')) {
      return feature;
    }
    if (types.includes('FeatureCollection')) {
      return { type: 'FeatureCollection', features: [feature] };
    }
    throw new GeometryError(`${types.join(' or ')} is needed; this is a ${geometry.type}`);
  }
  return geometry;
}

/** Give the GeoJSON types that a schema allows; empty for all. */
export function typesOf(schema: any): string[] {
  const named = schema?.properties?.type;
  const own = named?.enum ?? (named?.const ? [named.const] : []);
  return [...own, ...(schema?.oneOf ?? schema?.anyOf ?? []).flatMap(typesOf)];
}
