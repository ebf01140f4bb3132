import * as React from 'react';
import { closeIcon, ellipsesIcon } from '@jupyterlab/ui-components';
import { duration, fileSize, memory } from '../model/format';
import { IRunnerState } from '../model/wire';
import { clean, ITrans } from '../model/words';
import { Button, Icon } from '../ui/parts';

/** Give where steps run. */
export function placeOf(status: IRunnerState, trans: ITrans): string {
  return status.runner?.executor?.name === 'kubernetes' ? trans.__('Kubernetes') : trans.__('This computer');
}

function coresOf(status: IRunnerState, trans: ITrans): string | null {
  const { cores, cores_used } = status.runner?.worker ?? {};
  return cores === undefined ? null : trans.__('%1 of %2', round(cores_used ?? 0), round(cores));
}

interface IFootProps {
  status: IRunnerState | null;
  isUpToDate: boolean;
  trans: ITrans;
  areDetailsOpen: boolean;
  onDetails(): void;
}

/** The last line: where steps run, and how much of it is in use. */
export function Foot(props: IFootProps): JSX.Element {
  const { status, trans } = props;
  const isThere = props.isUpToDate && status?.runner;
  const cores = isThere ? coresOf(status, trans) : null;
  const icon = !isThere ? 'offline' : status.runner?.executor?.name === 'kubernetes' ? 'cluster' : 'computer';
  const text = !isThere
    ? trans.__('No runner')
    : [placeOf(status, trans), cores && trans.__('%1 cores', cores)].filter(Boolean).join(' · ');
  return (
    <div className="jp-eodh-Foot">
      <Icon name={icon} />
      <span className="jp-eodh-Cut">{text}</span>
      <button
        type="button"
        className="jp-eodh-Button jp-mod-flat jp-mod-icon"
        title={trans.__('Runner details')}
        aria-label={trans.__('Runner details')}
        aria-haspopup="dialog"
        aria-expanded={props.areDetailsOpen}
        onClick={props.onDetails}
      >
        <ellipsesIcon.react tag="span" />
      </button>
    </div>
  );
}

interface IDetailsProps {
  status: IRunnerState | null;
  trans: ITrans;
  onClose(): void;
  onLog(): void;
  onSettings(): void;
  /** Null where there is nothing to restart. */
  onRestart: (() => void) | null;
}

/** What the runner says of itself. */
export function Details(props: IDetailsProps): JSX.Element {
  const { status, trans, onClose } = props;
  const node = React.useRef<HTMLDivElement>(null);
  React.useEffect(() => node.current?.focus(), []);
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      onClose();
    }
  };
  return (
    <div
      ref={node}
      className="jp-eodh-Details"
      role="dialog"
      aria-label={trans.__('Runner details')}
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      <div className="jp-eodh-DetailsHead">
        <h3>{status?.runner ? placeOf(status, trans) : trans.__('No runner')}</h3>
        <button
          type="button"
          className="jp-eodh-Button jp-mod-flat jp-mod-icon"
          title={trans.__('Close')}
          aria-label={trans.__('Close')}
          onClick={onClose}
        >
          <closeIcon.react tag="span" />
        </button>
      </div>
      <dl>
        {facts(status, trans).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <div className="jp-eodh-Actions">
        <Button icon="log" onClick={props.onLog}>
          {trans.__('Log')}
        </Button>
        <Button onClick={props.onSettings}>{trans.__('Settings')}</Button>
        {props.onRestart && (
          <Button icon="again" onClick={props.onRestart}>
            {trans.__('Restart…')}
          </Button>
        )}
      </div>
    </div>
  );
}

function facts(status: IRunnerState | null, trans: ITrans): [string, string][] {
  const runner = status?.runner;
  if (!status || !runner) {
    return status?.message ? [[trans.__('State'), clean(status.message)]] : [];
  }
  const { worker = {}, executor = {} } = runner;
  const found: [string, string | null | undefined][] = [
    [trans.__('Workspace'), runner.workspace && clean(runner.workspace, 80)],
    [trans.__('Cores'), coresOf(status, trans)],
    [
      trans.__('Memory'),
      worker.ram_mib !== undefined
        ? trans.__('%1 of %2', memory(worker.ram_mib_used ?? 0), memory(worker.ram_mib))
        : null
    ],
    [trans.__('Disk'), runner.disk_free_bytes && trans.__('%1 free', fileSize(runner.disk_free_bytes))],
    [
      trans.__('Steps running'),
      worker.steps_running !== undefined
        ? trans.__('%1, waiting %2', worker.steps_running, worker.steps_waiting ?? 0)
        : null
    ],
    [trans.__('Isolation'), executor.isolation && clean(executor.isolation, 40)],
    [trans.__('Containers'), executor.containers && clean(executor.containers, 40)],
    [
      trans.__('Runner'),
      trans.__('%1, up %2', clean(runner.version ?? '?', 20), duration(runner.uptime_s ?? 0))
    ]
  ];
  return found.filter((fact): fact is [string, string] => Boolean(fact[1]));
}

function round(cores: number): string {
  return String(Math.round(cores * 10) / 10);
}
