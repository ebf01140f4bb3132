/** A bounding box in degrees: west, south, east, north. West above east crosses the date line. */
export type Box = [number, number, number, number];

/** Give the width in degrees of longitude, across the date line where it is crossed. */
export function widthOf([west, , east]: Box): number {
  return east >= west ? east - west : east + 360 - west;
}

/** Give the size on the ground in km: at the middle's latitude, and from south to north. */
export function sizeKm(box: Box): [number, number] {
  const degree = 111.32;
  const middle = ((box[1] + box[3]) / 2) * (Math.PI / 180);
  return [widthOf(box) * degree * Math.cos(middle), (box[3] - box[1]) * degree];
}

/** Bring a longitude into -180 to 180. */
export function wrapped(longitude: number): number {
  if (longitude >= -180 && longitude <= 180) {
    return longitude;
  }
  return ((((longitude + 180) % 360) + 360) % 360) - 180;
}

/** Give the box that a value means: `[w, s, e, n]`, with heights, `{bbox}`, or its text; else null. */
export function boxOf(value: unknown): Box | null {
  if (typeof value === 'string') {
    const words = value
      .trim()
      .replace(/^[[(]|[\])]$/g, '')
      .replace(/\u2212/g, '-')
      .split(/[\s,;]+/);
    return boxOf(words.every(word => word !== '') ? words.map(Number) : null);
  }
  if (value && typeof value === 'object' && !Array.isArray(value)) {
    return boxOf((value as { bbox?: unknown }).bbox);
  }
  if (!Array.isArray(value) || !value.every(item => typeof item === 'number' && Number.isFinite(item))) {
    return null;
  }
  if (value.length === 6) {
    return [value[0], value[1], value[3], value[4]];
  }
  return value.length === 4 ? (value as Box) : null;
}

/** Give the value of a box: four numbers, or their text where the input is one. */
export function shapedBox(box: (number | bigint)[], schema: any): unknown {
  return schema?.type === 'string' ? box.join(',') : box;
}
