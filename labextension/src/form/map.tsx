import * as React from 'react';
import { Button } from '../ui/parts';
import { useForm } from './context';
import { Box, widthOf, wrapped } from './extent';
import { IGeometry, pathsOf } from './geometry';
import {
  fit,
  graticule,
  isShown,
  IView,
  keyStep,
  latitudeLabel,
  longitudeLabel,
  near,
  panned,
  placesFor,
  project,
  scaleX,
  unproject,
  world,
  zoomed
} from './projection';

interface IMapProps {
  label: string;
  box: Box | null;
  /** Drawn in place of the box. */
  geometry?: IGeometry | null;
  onBox(box: Box): void;
}

const HANDLES = [
  [-1, 1],
  [0, 1],
  [1, 1],
  [1, 0],
  [1, -1],
  [0, -1],
  [-1, -1],
  [-1, 0]
] as const;

interface IDrag {
  kind: 'pan' | 'move' | 'size' | 'draw';
  start: [number, number];
  from: [number, number];
  view: IView;
  box: Box | null;
  handle: readonly [number, number];
}

/** The world's coasts, offline, with a box to draw, move and resize by pointer and keys. */
export function Map(props: IMapProps): JSX.Element {
  const { trans, say } = useForm();
  const { box, geometry, onBox } = props;
  const holder = React.useRef<HTMLDivElement>(null);
  const svg = React.useRef<SVGSVGElement>(null);
  const [view, setView] = React.useState<IView | null>(null);
  const [isDrawing, setDrawing] = React.useState(false);
  const drag = React.useRef<IDrag | null>(null);
  const own = React.useRef('');
  const land = useLand(view?.scale ?? 0);
  const known = box?.join();

  React.useLayoutEffect(() => {
    const node = holder.current!;
    const measure = () => {
      const { clientWidth: width, clientHeight: height } = node;
      if (width > 0 && height > 0) {
        setView(old =>
          old ? { ...old, width, height } : box ? fit(box, width, height) : world(width, height)
        );
      }
    };
    const observer = new ResizeObserver(measure);
    observer.observe(node);
    measure();
    return () => observer.disconnect();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the first view alone follows the box
  }, []);

  React.useEffect(() => {
    // A box that was typed or pasted elsewhere is brought into sight.
    if (box && known !== own.current) {
      setView(old => (old && !isShown(old, box) ? fit(box, old.width, old.height) : old));
    }
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `known` is the box by value
  }, [known]);

  const settle = (next: number[], at: IView) => {
    const places = placesFor(at);
    const round = (value: number) => Number(value.toFixed(places));
    const south = Math.max(-90, Math.min(next[1], next[3]));
    const north = Math.min(90, Math.max(next[1], next[3]));
    const made: Box = [round(wrapped(next[0])), round(south), round(wrapped(next[2])), round(north)];
    if (made[0] !== made[2] && made[1] < made[3]) {
      own.current = made.join();
      onBox(made);
    }
  };

  const place = (event: React.PointerEvent): [number, number] => {
    const bounds = svg.current!.getBoundingClientRect();
    // The page may be zoomed by CSS; the map counts in its own pixels.
    const factor = view!.width / (bounds.width || 1);
    return [(event.clientX - bounds.left) * factor, (event.clientY - bounds.top) * factor];
  };

  const onPointerDown = (event: React.PointerEvent) => {
    if (!view || event.button !== 0) {
      return;
    }
    const start = place(event);
    const role = (event.target as Element).getAttribute('data-role');
    const handle = HANDLES[Number((event.target as Element).getAttribute('data-handle') ?? 0)];
    const isNew = isDrawing || (!box && !geometry);
    const kind = isNew ? 'draw' : role === 'size' ? 'size' : role === 'move' ? 'move' : 'pan';
    drag.current = { kind, start, from: unproject(view, ...start), view, box, handle };
    svg.current!.setPointerCapture(event.pointerId);
    svg.current!.focus();
    event.preventDefault();
  };

  const onPointerMove = (event: React.PointerEvent) => {
    const now = drag.current;
    if (!now || !view) {
      return;
    }
    const at = place(event);
    const [x, y] = [at[0] - now.start[0], at[1] - now.start[1]];
    if (now.kind === 'pan') {
      setView(panned(now.view, x, y));
      return;
    }
    const to = unproject(now.view, ...at);
    if (now.kind === 'draw') {
      if (Math.abs(x) + Math.abs(y) > 4) {
        settle([Math.min(now.from[0], to[0]), now.from[1], Math.max(now.from[0], to[0]), to[1]], now.view);
      }
      return;
    }
    const moved = [to[0] - now.from[0], to[1] - now.from[1]];
    settle(shifted(now.box!, moved, now.kind === 'move' ? null : now.handle), now.view);
  };

  const onPointerUp = () => {
    if (drag.current?.kind === 'draw') {
      setDrawing(false);
    }
    drag.current = null;
  };

  const onKeyDown = (event: React.KeyboardEvent) => {
    if (!view || event.ctrlKey || event.metaKey) {
      return;
    }
    const arrow = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (arrow && box) {
      const step = keyStep(view) * (event.altKey ? 10 : 1);
      const by = [arrow[0] * step, arrow[1] * step];
      // Shift resizes at the north-east corner.
      settle(shifted(box, by, event.shiftKey ? [1, 1] : null), view);
    } else if (arrow) {
      const step = event.altKey ? 200 : 20;
      setView(panned(view, -arrow[0] * step, arrow[1] * step));
    } else if (event.key === '+' || event.key === '=') {
      setView(zoomed(view, 1.5));
    } else if (event.key === '-' || event.key === '\u2212') {
      setView(zoomed(view, 1 / 1.5));
    } else if (event.key === 'Enter' && !box) {
      settle(middleBox(view), view);
      say(trans.__('Box in the middle of the map.'));
    } else if (event.key === 'Escape' && isDrawing) {
      setDrawing(false);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  const words = trans.__('Map for %1. Arrow keys move the box, Shift and arrow keys resize it.', props.label);
  return (
    <div className="jp-eodh-Map" ref={holder}>
      <svg
        ref={svg}
        role="application"
        tabIndex={0}
        aria-label={box ? words : `${words} ${trans.__('Enter puts a box into the middle.')}`}
        className={isDrawing || (!box && !geometry) ? 'jp-mod-drawing' : ''}
        width="100%"
        height="100%"
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerCancel={onPointerUp}
        onKeyDown={onKeyDown}
      >
        {view && <Ground view={view} land={land} />}
        {view && geometry && <Shape view={view} geometry={geometry} />}
        {view && !geometry && box && <BoxShape view={view} box={box} />}
      </svg>
      <div className="jp-eodh-Map-tools" role="toolbar" aria-label={trans.__('Map')}>
        <Tool icon="add" label={trans.__('Zoom in')} onClick={() => view && setView(zoomed(view, 1.5))} />
        <Tool
          icon="minus"
          label={trans.__('Zoom out')}
          onClick={() => view && setView(zoomed(view, 1 / 1.5))}
        />
        <Tool
          icon="box"
          label={trans.__('Draw a new box')}
          isOn={isDrawing}
          onClick={() => setDrawing(!isDrawing)}
        />
      </div>
    </div>
  );
}

function Tool(props: { icon: string; label: string; isOn?: boolean; onClick(): void }): JSX.Element {
  return (
    <Button
      icon={props.icon}
      aria-label={props.label}
      title={props.label}
      aria-pressed={props.isOn}
      onClick={props.onClick}
    />
  );
}

/** Give a box with one of its handles, or the whole of it, moved by degrees. */
export function shifted(box: Box, [x, y]: number[], handle: readonly [number, number] | null): number[] {
  const [west, south] = box;
  const [east, north] = [west + widthOf(box), box[3]];
  if (!handle) {
    const down = Math.max(-90 - south, Math.min(90 - north, y));
    return [west + x, south + down, east + x, north + down];
  }
  const next = [
    west + (handle[0] < 0 ? x : 0),
    south + (handle[1] < 0 ? y : 0),
    east + (handle[0] > 0 ? x : 0),
    north + (handle[1] > 0 ? y : 0)
  ];
  return next[0] < next[2] ? next : [next[2], next[1], next[0], next[3]];
}

function middleBox(view: IView): number[] {
  const [west, north] = unproject(view, view.width / 3, view.height / 3);
  const [east, south] = unproject(view, (view.width * 2) / 3, (view.height * 2) / 3);
  return [west, south, east, north];
}

/** Finer coasts are read when someone looks closely. */
const FINE_SCALE = 6;
const lands: { [isFine: string]: Promise<string> | undefined } = {};

function useLand(scale: number): string | null {
  const isFine = scale >= FINE_SCALE;
  const [path, setPath] = React.useState<string | null>(null);
  React.useEffect(() => {
    let isOver = false;
    const land = (lands[String(isFine)] ??= import('./coast').then(coast => coast.landPath(isFine)));
    land.then(
      found => !isOver && setPath(found),
      // Without coasts the map still has its grid; the next map tries again.
      () => (lands[String(isFine)] = undefined)
    );
    return () => {
      isOver = true;
    };
  }, [isFine]);
  return path;
}

function Ground({ view, land }: { view: IView; land: string | null }): JSX.Element {
  const { meridians, parallels } = graticule(view);
  const [, top] = project(view, 0, 90);
  const [, bottom] = project(view, 0, -90);
  const turns = [-1, 0, 1].filter(turn => {
    const [west] = project(view, -200 + turn * 360, 0);
    const [east] = project(view, 200 + turn * 360, 0);
    return east >= 0 && west <= view.width;
  });
  return (
    <g>
      <rect className="jp-eodh-Map-sea" x={0} y={top} width={view.width} height={bottom - top} />
      {land &&
        turns.map(turn => {
          const [x, y] = project(view, turn * 360, 0);
          const matrix = `matrix(${scaleX(view)} 0 0 ${view.scale} ${x} ${y})`;
          return <path key={turn} className="jp-eodh-Map-land" d={land} transform={matrix} />;
        })}
      <g className="jp-eodh-Map-grid">
        {meridians.map(one => {
          const [x] = project(view, one, 0);
          return <path key={one} d={`M${x} ${top}V${bottom}`} />;
        })}
        {parallels.map(one => {
          const [, y] = project(view, 0, one);
          return <path key={one} d={`M0 ${y}H${view.width}`} />;
        })}
      </g>
      <g className="jp-eodh-Map-labels" aria-hidden="true">
        {meridians.map(one => {
          const [x] = project(view, one, 0);
          return x > 44 && x < view.width - 14 ? (
            <text key={one} x={x} y={view.height - 4} textAnchor="middle">
              {longitudeLabel(one)}
            </text>
          ) : null;
        })}
        {parallels.map(one => {
          const [, y] = project(view, 0, one);
          return y > 14 && y < view.height - 20 ? (
            <text key={one} x={4} y={y - 3}>
              {latitudeLabel(one)}
            </text>
          ) : null;
        })}
      </g>
    </g>
  );
}

function BoxShape({ view, box }: { view: IView; box: Box }): JSX.Element {
  const [x, y] = near(view, box);
  const width = Math.max(1, widthOf(box) * scaleX(view));
  const height = Math.max(1, (box[3] - box[1]) * view.scale);
  return (
    <g>
      <rect className="jp-eodh-Map-box" data-role="move" x={x} y={y} width={width} height={height} />
      {HANDLES.map(([side, end], index) => (
        <rect
          key={index}
          className="jp-eodh-Map-handle"
          data-role="size"
          data-handle={index}
          x={x + ((side + 1) / 2) * width - 3.5}
          y={y + ((1 - end) / 2) * height - 3.5}
          width={7}
          height={7}
        />
      ))}
    </g>
  );
}

function Shape({ view, geometry }: { view: IView; geometry: IGeometry }): JSX.Element {
  const paths = pathsOf(geometry);
  const first = paths[0]?.[0]?.[0] ?? 0;
  const turn = Math.round((view.longitude - first) / 360) * 360;
  const at = (position: number[]) =>
    project(view, position[0] + turn, position[1])
      .map(value => value.toFixed(1))
      .join(' ');
  const isArea = /Polygon|Collection/.test(geometry.type);
  return (
    <g>
      <path
        className={`jp-eodh-Map-box ${isArea ? '' : 'jp-mod-line'}`}
        fillRule="evenodd"
        d={paths
          .filter(path => path.length > 1)
          .map(path => `M${path.map(at).join('L')}`)
          .join('')}
      />
      {paths
        .filter(path => path.length === 1)
        .map((path, index) => {
          const [x, y] = project(view, path[0][0] + turn, path[0][1]);
          return <circle key={index} className="jp-eodh-Map-handle" cx={x} cy={y} r={4} />;
        })}
    </g>
  );
}
