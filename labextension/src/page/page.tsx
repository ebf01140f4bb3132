import * as React from 'react';
import { isTerminal } from '../model/wire';
import { Bar } from '../ui/parts';
import { useSignal } from './hooks';
import { Head } from './head';
import { Inputs } from './inputs';
import { Log } from './log';
import { Missing, Trouble } from './trouble';
import { Overview } from './overview';
import { Provenance } from './provenance';
import { Resources } from './resources';
import { Results } from './results';
import { PageView, Tab, TABS } from './view';

/** The whole page: job line, bar, tabs, one tab's content. */
export function Page({ view }: { view: PageView }): JSX.Element {
  const { model, workflows } = view;
  useSignal(model.changed);
  useSignal(view.changed, 0);
  const state = model.state;
  if (!state) {
    return <Missing view={view} />;
  }
  const { tab } = view.place;
  return (
    <>
      <Head view={view} state={state} />
      {!isTerminal(state.job.status) && <Bar job={state.job} trans={workflows.trans} />}
      <Trouble view={view} />
      <Tabs view={view} />
      <div
        className="jp-eodh-PagePanel"
        role="tabpanel"
        id={idOf(view, 'panel')}
        aria-labelledby={idOf(view, tab)}
      >
        {tab === 'overview' && <Overview view={view} state={state} />}
        {tab === 'log' && <Log view={view} state={state} />}
        {tab === 'results' && <Results view={view} state={state} />}
        {tab === 'inputs' && <Inputs view={view} state={state} />}
        {tab === 'resources' && <Resources view={view} state={state} />}
        {tab === 'provenance' && <Provenance view={view} state={state} />}
      </div>
    </>
  );
}

function Tabs({ view }: { view: PageView }): JSX.Element {
  const { trans } = view.workflows;
  const words: Record<Tab, string> = {
    overview: trans.__('Overview'),
    log: trans.__('Log'),
    results: trans.__('Results'),
    inputs: trans.__('Inputs'),
    resources: trans.__('Resources'),
    provenance: trans.__('Provenance')
  };
  const strip = React.useRef<HTMLDivElement>(null);
  React.useEffect(() => {
    // The page was activated before it had tabs.
    if (strip.current?.closest('.jp-eodh-Page') === document.activeElement) {
      strip.current?.querySelector<HTMLElement>('[aria-selected=true]')?.focus();
    }
  }, []);
  const onKeyDown = (event: React.KeyboardEvent) => {
    const at = TABS.indexOf(view.place.tab);
    const keys: Record<string, number> = {
      ArrowLeft: at - 1,
      ArrowRight: at + 1,
      Home: 0,
      End: TABS.length - 1
    };
    if (event.key in keys) {
      event.preventDefault();
      const next = (keys[event.key] + TABS.length) % TABS.length;
      view.go({ tab: TABS[next] });
      strip.current?.querySelectorAll('button')[next].focus();
    }
  };
  return (
    <div
      className="jp-eodh-PageTabs"
      role="tablist"
      aria-label={trans.__('Job')}
      ref={strip}
      onKeyDown={onKeyDown}
    >
      {TABS.map(tab => (
        <button
          key={tab}
          id={idOf(view, tab)}
          role="tab"
          type="button"
          aria-selected={tab === view.place.tab}
          aria-controls={tab === view.place.tab ? idOf(view, 'panel') : undefined}
          tabIndex={tab === view.place.tab ? 0 : -1}
          onClick={() => view.go({ tab })}
        >
          {words[tab]}
        </button>
      ))}
    </div>
  );
}

function idOf(view: PageView, part: string): string {
  return `eodh-job-${view.jobID}-${part}`;
}
