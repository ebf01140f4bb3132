import { Box, widthOf } from './extent';

/** What a map shows: plate carrée, true to shape at the latitude of its middle. */
export interface IView {
  longitude: number;
  latitude: number;
  /** Pixels of one degree of latitude. */
  scale: number;
  width: number;
  height: number;
}

const MOST_SCALE = 20000;
const LEAST_SPAN = 0.002;
/** Pixels under which a box is hard to see. */
const LEAST_SHOWN = 24;

/** Give the pixels of one degree of longitude. */
export function scaleX(view: IView): number {
  return view.scale * Math.max(0.2, Math.cos((view.latitude * Math.PI) / 180));
}

/** Give the place of a position; of the copies of the world, the one nearest to the middle. */
export function project(view: IView, longitude: number, latitude: number): [number, number] {
  return [
    view.width / 2 + (longitude - view.longitude) * scaleX(view),
    view.height / 2 - (latitude - view.latitude) * view.scale
  ];
}

export function unproject(view: IView, x: number, y: number): [number, number] {
  const latitude = view.latitude - (y - view.height / 2) / view.scale;
  return [view.longitude + (x - view.width / 2) / scaleX(view), Math.max(-90, Math.min(90, latitude))];
}

/** Keep a view on the world. */
export function bounded(view: IView): IView {
  const scale = Math.max(worldScale(view.width, view.height), Math.min(MOST_SCALE, view.scale));
  const longitude = ((((view.longitude + 180) % 360) + 360) % 360) - 180;
  // A little of nothing may be seen beyond the poles.
  const most = Math.max(12, 96 - view.height / 2 / scale);
  return { ...view, scale, longitude, latitude: Math.max(-most, Math.min(most, view.latitude)) };
}

function worldScale(width: number, height: number): number {
  return Math.min(width / 340, height / 150);
}

/** Give the view of the whole world. */
export function world(width: number, height: number): IView {
  return { longitude: 0, latitude: 12, scale: worldScale(width, height), width, height };
}

/** Give the view in which a box takes a third of the map. */
export function fit(box: Box, width: number, height: number): IView {
  const middle = { longitude: box[0] + widthOf(box) / 2, latitude: (box[1] + box[3]) / 2, width, height };
  const narrow = Math.max(0.2, Math.cos((middle.latitude * Math.PI) / 180));
  const spanX = Math.max(widthOf(box) * narrow, LEAST_SPAN);
  const spanY = Math.max(box[3] - box[1], LEAST_SPAN);
  const scale = Math.min(width / spanX, height / spanY) * 0.36;
  return bounded({ ...middle, scale });
}

/** Zoom about a place of the map; default its middle. */
export function zoomed(view: IView, factor: number, x = view.width / 2, y = view.height / 2): IView {
  const [longitude, latitude] = unproject(view, x, y);
  const near = bounded({ ...view, scale: view.scale * factor });
  const [newX, newY] = project(near, longitude, latitude);
  return panned(near, x - newX, y - newY);
}

/** Move what is shown by pixels. */
export function panned(view: IView, x: number, y: number): IView {
  return bounded({
    ...view,
    longitude: view.longitude - x / scaleX(view),
    latitude: view.latitude + y / view.scale
  });
}

/** Whether a box is within what is shown, and large enough to be seen. */
export function isShown(view: IView, box: Box): boolean {
  const [x, y] = near(view, box);
  const size = [widthOf(box) * scaleX(view), (box[3] - box[1]) * view.scale];
  const isWithin = x >= 0 && y >= 0 && x + size[0] <= view.width && y + size[1] <= view.height;
  return isWithin && Math.max(...size) >= LEAST_SHOWN;
}

/** Give the upper left corner of a box, in the copy of the world nearest to the middle. */
export function near(view: IView, box: Box): [number, number] {
  const middle = box[0] + widthOf(box) / 2;
  const turns = Math.round((view.longitude - middle) / 360);
  return project(view, box[0] + turns * 360, box[3]);
}

const STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 45, 90];

/** Give the meridians and parallels to draw, about 60 pixels apart. */
export function graticule(view: IView): { meridians: number[]; parallels: number[] } {
  const [west, north] = unproject(view, 0, 0);
  const [east, south] = unproject(view, view.width, view.height);
  return {
    meridians: multiples(west, east, stepFor(56 / scaleX(view))),
    parallels: multiples(Math.max(-90, south), Math.min(90, north), stepFor(52 / view.scale))
  };
}

function stepFor(degrees: number): number {
  return STEPS.find(step => step >= degrees) ?? 90;
}

function multiples(from: number, to: number, step: number): number[] {
  const found: number[] = [];
  for (let turn = Math.ceil(from / step); turn * step <= to && found.length < 60; turn++) {
    found.push(Number((turn * step).toFixed(6)));
  }
  return found;
}

export function longitudeLabel(longitude: number): string {
  const value = ((((longitude + 180) % 360) + 360) % 360) - 180;
  const shown = value === -180 ? 180 : value;
  return label(shown, shown === 180 || shown === 0 ? '' : shown < 0 ? 'W' : 'E');
}

export function latitudeLabel(latitude: number): string {
  return label(latitude, latitude === 0 ? '' : latitude < 0 ? 'S' : 'N');
}

function label(value: number, side: string): string {
  return `${Number(Math.abs(value).toFixed(2))}°${side && `\u00a0${side}`}`;
}

/** Give the decimal places that one pixel of a view can tell. */
export function placesFor(view: IView): number {
  return Math.max(0, Math.min(7, Math.ceil(Math.log10(view.scale))));
}

/** Give the step by which a key moves a box: a round number of degrees, a few pixels. */
export function keyStep(view: IView): number {
  const wanted = 4 / view.scale;
  const power = 10 ** Math.floor(Math.log10(wanted));
  return Number(([1, 2, 5, 10].find(step => step * power >= wanted * 0.999)! * power).toPrecision(1));
}
