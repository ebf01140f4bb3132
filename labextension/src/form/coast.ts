import { feature } from 'topojson-client';

type Ring = [number, number][];

/** Give Natural Earth's land as the path of an SVG in degrees, north up; fine or coarse. */
export async function landPath(isFine: boolean): Promise<string> {
  const land = isFine
    ? await import('world-atlas/land-50m.json')
    : await import('world-atlas/land-110m.json');
  const topology = (land.default ?? land) as any;
  const found = feature(topology, topology.objects.land) as any;
  const shapes = found.features ?? [found];
  const polygons: Ring[][] = shapes.flatMap((shape: any) =>
    shape.geometry.type === 'Polygon' ? [shape.geometry.coordinates] : shape.geometry.coordinates
  );
  return polygons
    .flat()
    .map(
      ring =>
        `M${unrolled(ring)
          .map(([x, y]) => `${x.toFixed(2)} ${(-y).toFixed(2)}`)
          .join('L')}Z`
    )
    .join('');
}

/** Follow a ring over the date line instead of back around the world; one around a pole closes there. */
export function unrolled(ring: Ring): Ring {
  let turns = 0;
  const found = ring.map(([x, y], index): [number, number] => {
    const step = index ? x - ring[index - 1][0] : 0;
    turns += step > 180 ? -360 : step < -180 ? 360 : 0;
    return [x + turns, y];
  });
  const [first, last] = [found[0], found[found.length - 1]];
  if (Math.abs(last[0] - first[0]) > 180) {
    const pole = first[1] < 0 ? -90 : 90;
    found.push([last[0], pole], [first[0], pole]);
  }
  return found;
}
