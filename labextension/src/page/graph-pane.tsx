import * as React from 'react';
import { GraphView } from '../graph/view';
import { nodeOf } from '../graph/states';
import { IJobState } from '../model/job';
import { Button } from '../ui/parts';
import { PageView } from './view';

/** Room on both sides of the drawing, in px. */
const PADDING = 28;

interface IProps {
  view: PageView;
  state: IJobState;
  summary: string;
  /** A step was opened by key or double click. */
  onOpen(id: string): void;
}

/** The drawing of the steps, and what makes it larger. */
export function GraphPane({ view, state, summary, onOpen }: IProps): JSX.Element {
  const { trans } = view.workflows;
  const holder = React.useRef<HTMLDivElement>(null);
  const graph = React.useMemo(() => new GraphView({ trans, size: 'page' }), [trans]);
  const open = React.useRef(onOpen);
  open.current = onOpen;
  const { step } = view.place;
  const chosen = React.useMemo(() => {
    const ids = new Set(state.graph?.nodes.map(node => node.id) ?? []);
    return step === null ? null : nodeOf(step, ids);
  }, [state.graph, step]);

  React.useLayoutEffect(() => {
    const node = holder.current!;
    node.appendChild(graph.node);
    const observer = new ResizeObserver(() => graph.resize(node.clientWidth - PADDING));
    observer.observe(node);
    graph.resize(node.clientWidth - PADDING);
    graph.selected.connect((_, id) => {
      if (id !== null && id !== chosenNow.current) {
        view.go({ step: id });
      }
    });
    graph.activated.connect((_, id) => open.current(id));
    return () => {
      observer.disconnect();
      graph.dispose();
    };
  }, [graph, view]);
  const chosenNow = React.useRef(chosen);
  chosenNow.current = chosen;
  React.useLayoutEffect(() => {
    graph.update(state);
    graph.select(chosen);
  }, [graph, state, chosen]);

  const hasGraph = (state.graph?.nodes.length ?? 0) > 0;
  return (
    <>
      <div className="jp-eodh-PageToolbar">
        <span className="jp-eodh-PageMuted jp-eodh-PageGrow">{summary}</span>
        {hasGraph && (
          <>
            <Button
              icon="minus"
              kind="flat"
              aria-label={trans.__('Zoom out')}
              title={trans.__('Zoom out')}
              onClick={() => graph.setZoom(graph.zoom / 1.25)}
            />
            <Button
              icon="add"
              kind="flat"
              aria-label={trans.__('Zoom in')}
              title={trans.__('Zoom in')}
              onClick={() => graph.setZoom(graph.zoom * 1.25)}
            />
            <Button
              icon="fit"
              kind="flat"
              aria-label={trans.__('Fit')}
              title={trans.__('Fit')}
              onClick={() => graph.fit()}
            />
          </>
        )}
      </div>
      <div className="jp-eodh-PageGraphHolder" ref={holder} hidden={!hasGraph} />
    </>
  );
}
