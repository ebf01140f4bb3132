import * as React from 'react';
import { caretDownIcon, caretRightIcon } from '@jupyterlab/ui-components';
import { grouped } from '../model/format';
import { IJob, IProcess } from '../model/wire';
import { clean, ITrans } from '../model/words';
import { Note } from '../ui/parts';
import { hasChips, isNarrowed } from './filter';
import { Details, Foot } from './foot';
import { IPlace, PanelContext, placeOf, Section } from './context';
import { useRowFocus } from './focus';
import { Head } from './head';
import { keysOf, sectionOf } from './keys';
import { FirstTime, Missing } from './missing';
import { NothingFound, Stale } from './notes';
import { IRowProps, JobRow, ProcessRow } from './rows';
import { Chips, Search } from './search';
import { useWidth } from './size';
import { useView, WindowedList } from './windowed';
import { dayOf, dayWords } from './words';

/** Processes that are shown before the others are asked for. */
const FEW = 4;
const LISTED: Record<Section, string> = { live: 'Live', processes: 'Processes', jobs: 'Jobs' };

/** The whole panel. */
export function Panel({ context }: { context: PanelContext }): JSX.Element {
  const { model, trans, workspace } = context;
  const [, redraw] = React.useReducer((count: number) => count + 1, 0);
  React.useEffect(() => {
    // Many events of one moment are one drawing.
    let frame = 0;
    const soon = () => (frame = frame || requestAnimationFrame(() => ((frame = 0), redraw())));
    model.changed.connect(soon);
    return () => {
      cancelAnimationFrame(frame);
      model.changed.disconnect(soon);
    };
  }, [model]);

  const root = React.useRef<HTMLDivElement>(null);
  const scroller = React.useRef<HTMLDivElement>(null);
  const field = React.useRef<HTMLInputElement>(null);
  const view = useView(scroller);
  const { width, scale } = useWidth(root);
  const [selected, setSelected] = React.useState<string | null>(null);
  const [areAllShown, showAll] = React.useState(false);
  const [areDetailsOpen, openDetails] = React.useState(false);
  const now = Date.now();

  const { filter } = model;
  const narrowed = isNarrowed(filter);
  const folded = context.folded;
  const lists: Record<Section, boolean> = {
    live: model.live.length > 0,
    processes: narrowed ? model.processes.length > 0 : true,
    jobs: narrowed ? model.matched > 0 : true
  };
  const processes =
    areAllShown || narrowed || model.processes.length <= FEW + 1
      ? model.processes
      : model.processes.slice(0, FEW);
  const keys = keysOf(lists, folded, {
    live: model.live.map(job => `job:${job.jobID}`),
    processes: [
      ...processes.map(process => `process:${process.id}`),
      ...(processes.length < model.processes.length ? ['more:processes'] : [])
    ],
    jobs: [
      ...(model.newer > 0 ? ['newer'] : []),
      ...model.jobs.map(job => `job:${job.jobID}`),
      ...(model.jobs.length < model.matched ? ['more:jobs'] : [])
    ]
  });
  const focus = useRowFocus(root, keys);
  const { go } = focus;

  React.useEffect(() => {
    // The reader is away from the top of the list of jobs once it is scrolled.
    model.isHeld = view.top > 4;
  }, [model, view.top]);
  React.useEffect(() => {
    if (narrowed && model.isLoaded) {
      context.announce(trans._n('%1 job found.', '%1 jobs found.', model.matched));
    }
  }, [context, model.matched, model.isLoaded, narrowed, trans]);

  const firstRow = () => keys.find(key => !key.startsWith('head:')) ?? keys[0];
  const fold = (section: Section, isFolded: boolean) => {
    context.fold(section, isFolded);
    redraw();
  };
  const itemOf = (key: string | null): { job?: IJob; process?: IProcess } => {
    const [, kind, id] = /^(job|process):(.*)$/s.exec(key ?? '') ?? [];
    return kind === 'job'
      ? { job: [...model.live, ...model.jobs].find(job => job.jobID === id) }
      : { process: kind ? model.processes.find(process => process.id === id) : undefined };
  };

  const onKeyDown = (event: React.KeyboardEvent) => {
    const target = event.target as HTMLElement;
    if (event.ctrlKey || event.metaKey || event.altKey || target.closest('input, [role=dialog]')) {
      return;
    }
    if (event.key === '/') {
      event.preventDefault();
      field.current?.focus();
      field.current?.select();
      return;
    }
    const key = target.closest<HTMLElement>('[data-key]')?.dataset.key ?? null;
    const at = key === null ? -1 : keys.indexOf(key);
    if (at < 0 || key === null) {
      if (event.key === 'ArrowDown' && target === root.current) {
        event.preventDefault();
        go(firstRow());
      }
      return;
    }
    const section = sectionOf(keys, at);
    const { job, process } = itemOf(key);
    const act: Record<string, () => void> = {
      ArrowDown: () => go(keys[at + 1]),
      ArrowUp: () => go(keys[at - 1]),
      Home: () => go(keys[0]),
      End: () => go(keys[keys.length - 1]),
      ArrowLeft: () => {
        fold(section, true);
        go(`head:${section}`);
      },
      ArrowRight: () => fold(section, false),
      Escape: () => narrowed && model.clear(),
      ...(job || process ? context.keys(job, process) : {})
    };
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (act[name]) {
      event.preventDefault();
      event.stopPropagation();
      act[name]();
    }
  };

  const rowProps = (key: string, open: () => void, menu: (place: IPlace) => void): IRowProps => ({
    trans,
    width,
    isActive: key === focus.key,
    isSelected: key === selected,
    onFocus: () => focus.take(key),
    onOpen: () => {
      setSelected(key);
      open();
    },
    onMenu: event => {
      event.preventDefault();
      event.stopPropagation();
      focus.take(key);
      menu(placeOf(event));
    }
  });
  const jobRow = (job: IJob, isLive: boolean) => (
    <JobRow
      {...rowProps(
        `job:${job.jobID}`,
        () => context.openJob(job),
        place => context.jobMenu(job, place)
      )}
      job={job}
      onDismiss={isLive ? () => context.dismiss(job) : undefined}
    />
  );
  const head = (section: Section, count: string) => (
    <h3 className="jp-eodh-SectionHead">
      <button
        type="button"
        data-key={`head:${section}`}
        tabIndex={`head:${section}` === focus.key ? 0 : -1}
        aria-expanded={!folded.has(section)}
        onFocus={() => focus.take(`head:${section}`)}
        onClick={() => fold(section, !folded.has(section))}
      >
        {folded.has(section) ? <caretRightIcon.react tag="span" /> : <caretDownIcon.react tag="span" />}
        <span>{trans.__(LISTED[section])}</span>
        <span className="jp-eodh-Count">{count}</span>
      </button>
    </h3>
  );
  const more = (key: string, text: string, act: () => void) => (
    <button
      type="button"
      className="jp-eodh-Link"
      data-key={key}
      tabIndex={key === focus.key ? 0 : -1}
      onFocus={() => focus.take(key)}
      onClick={act}
    >
      {text}
    </button>
  );

  const { status } = workspace;
  const { isLoaded } = model;
  const isStale = isLoaded && !workspace.isUpToDate;
  const areJobsEmpty = model.jobs.length === 0 && model.newer === 0;
  const pixels = (size: number) => size * scale;
  const hasDay = new Set(
    model.jobs
      .filter(
        (job, index) =>
          index === 0 || dayOf(new Date(job.created)) !== dayOf(new Date(model.jobs[index - 1].created))
      )
      .map(job => job.jobID)
  );
  const rowHeight = width === 'wide' ? 42 : 26;

  return (
    <div
      ref={root}
      className={`jp-eodh-Panel jp-mod-${width}`}
      tabIndex={-1}
      onKeyDown={onKeyDown}
      onFocus={focus.onFocus}
      onBlur={focus.onBlur}
    >
      <Head context={context} onDetails={() => openDetails(true)} />
      <Search
        filter={filter}
        trans={trans}
        field={field}
        narrow={change => model.narrow(change)}
        onFilter={event => context.filterMenu(placeOf(event))}
        onLeave={() => go(firstRow())}
      />
      {hasChips(filter) && (
        <Chips
          filter={filter}
          trans={trans}
          narrow={change => model.narrow(change)}
          onFilter={event => context.filterMenu(placeOf(event))}
        />
      )}
      {isStale && <Stale context={context} />}
      <div ref={scroller} className="jp-eodh-Scroller">
        {!isLoaded && status && status.state !== 'ready' && (
          <Missing status={status} trans={trans} remedies={context.remedies} />
        )}
        {model.problem && status?.state === 'ready' && (
          <Note icon="failed" kind="bad">
            {clean(model.problem)}
          </Note>
        )}
        {isLoaded && narrowed && !lists.live && !lists.processes && !lists.jobs && (
          <NothingFound context={context} />
        )}
        {isLoaded && lists.live && (
          <section className="jp-eodh-Section">
            {head('live', grouped(narrowed ? model.live.length : workspace.liveTotal))}
            {!folded.has('live') && (
              <WindowedList
                items={model.live}
                label={trans.__('Live jobs')}
                view={view}
                keyOf={job => `job:${job.jobID}`}
                heightOf={() => pixels(48)}
                activeKey={focus.key}
                total={model.live.length}
              >
                {job => jobRow(job, true)}
              </WindowedList>
            )}
          </section>
        )}
        {isLoaded && lists.processes && (
          <section className="jp-eodh-Section">
            {head('processes', countWords(model.processes.length, model.processTotal, trans))}
            {!folded.has('processes') && (
              <>
                {model.processTotal === 0 && <FirstTime trans={trans} remedies={context.remedies} />}
                {processes.length > 0 && (
                  <WindowedList
                    items={processes}
                    label={trans.__('Processes')}
                    view={view}
                    keyOf={process => `process:${process.id}`}
                    heightOf={() => pixels(rowHeight)}
                    activeKey={focus.key}
                    total={model.processes.length}
                  >
                    {process => (
                      <ProcessRow
                        {...rowProps(
                          `process:${process.id}`,
                          () => context.launch(process),
                          place => context.processMenu(process, place)
                        )}
                        process={process}
                      />
                    )}
                  </WindowedList>
                )}
                {processes.length < model.processes.length && (
                  <p className="jp-eodh-More">
                    {more(
                      'more:processes',
                      trans.__('%1 more', grouped(model.processes.length - processes.length)),
                      () => {
                        showAll(true);
                        go(`process:${model.processes[processes.length].id}`);
                      }
                    )}
                  </p>
                )}
              </>
            )}
          </section>
        )}
        {isLoaded && lists.jobs && (
          <section className="jp-eodh-Section">
            {head('jobs', countWords(model.matched, model.total, trans))}
            {!folded.has('jobs') && (
              <>
                {areJobsEmpty && (
                  <p className="jp-eodh-Empty">{trans.__('Jobs appear here when you launch a process.')}</p>
                )}
                {model.newer > 0 && (
                  <p className="jp-eodh-Newer">
                    {more('newer', trans._n('%1 newer job', '%1 newer jobs', model.newer), () => {
                      scroller.current?.scrollTo({ top: 0 });
                      model.takeNewer();
                    })}
                  </p>
                )}
                <WindowedList
                  items={model.jobs}
                  label={trans.__('Jobs')}
                  view={view}
                  keyOf={job => `job:${job.jobID}`}
                  heightOf={job => pixels(hasDay.has(job.jobID) ? 64 : 42)}
                  activeKey={focus.key}
                  total={model.matched}
                >
                  {job => (
                    <>
                      {hasDay.has(job.jobID) && (
                        <h4 className="jp-eodh-Day">{dayWords(new Date(job.created), trans, now)}</h4>
                      )}
                      {jobRow(job, false)}
                    </>
                  )}
                </WindowedList>
                {!areJobsEmpty && (
                  <p className="jp-eodh-More">
                    {trans.__('%1 of %2', grouped(model.jobs.length), grouped(model.matched))}
                    {model.jobs.length < model.matched && (
                      <>
                        {' · '}
                        {more(
                          'more:jobs',
                          trans.__(
                            'Show %1 more',
                            Math.min(model.pageSize, model.matched - model.jobs.length)
                          ),
                          () => void model.readMore()
                        )}
                      </>
                    )}
                  </p>
                )}
              </>
            )}
          </section>
        )}
      </div>
      {areDetailsOpen && (
        <Details
          status={status}
          trans={trans}
          onClose={() => {
            openDetails(false);
            root.current?.querySelector<HTMLElement>('.jp-eodh-Foot button')?.focus();
          }}
          onLog={context.remedies.log}
          onSettings={context.remedies.settings}
          onRestart={workspace.canRestart ? context.remedies.restart : null}
        />
      )}
      <Foot
        status={status}
        isUpToDate={workspace.isUpToDate}
        trans={trans}
        areDetailsOpen={areDetailsOpen}
        onDetails={() => {
          openDetails(!areDetailsOpen);
          void workspace.refresh();
        }}
      />
    </div>
  );
}

function countWords(shown: number, total: number, trans: ITrans): string {
  return shown < total ? trans.__('%1 of %2', grouped(shown), grouped(total)) : grouped(shown);
}
