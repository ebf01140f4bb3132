import * as React from 'react';
import { copyIcon } from '@jupyterlab/ui-components';
import { IRunnerState } from '../model/wire';
import { clean, ITrans } from '../model/words';
import { Button, Icon } from '../ui/parts';

/** What the buttons of these states do. */
export interface IRemedies {
  start(): void;
  restart(): void;
  signIn(): void;
  settings(): void;
  log(): void;
  copy(text: string): void;
  tryNow(): void;
  example(): void;
  deployFile(): void;
  deployUrl(): void;
}

const ENABLE = 'jupyter server extension enable eodh_jupyter_server';
const FIRST_CELL = '%%workflow deploy\ncwlVersion: v1.2\nclass: Workflow\n';

/** Why there are no lists, and the one thing to do about it. */
export function Missing(props: { status: IRunnerState; trans: ITrans; remedies: IRemedies }): JSX.Element {
  const { status, trans, remedies } = props;
  const message = clean(status.message, 600);
  switch (status.state) {
    case 'starting':
      return (
        <State icon="running" title={trans.__('Starting the runner…')} isLate>
          <p>{trans.__('This happens once. It goes on when you close JupyterLab.')}</p>
        </State>
      );
    case 'idle':
      return (
        <State icon="offline" title={trans.__('The runner is not running')}>
          <p>{trans.__('It ends on its own when there is no work. Nothing is lost.')}</p>
          <Button kind="filled" onClick={remedies.start}>
            {trans.__('Start the runner')}
          </Button>
        </State>
      );
    case 'signed-out':
      return (
        <State icon="info" title={trans.__('You are signed out')}>
          <p>{trans.__('Running jobs go on. Sign in to see them.')}</p>
          <Button kind="filled" icon="open" onClick={remedies.signIn}>
            {trans.__('Sign in')}
          </Button>
        </State>
      );
    case 'missing':
      return (
        <State icon="warn" title={trans.__('The server extension is not enabled')}>
          <p>{trans.__('Run this in a terminal, then restart JupyterLab:')}</p>
          <Snippet text={ENABLE} trans={trans} copy={remedies.copy} />
        </State>
      );
    case 'unreachable':
      return (
        <State icon="offline" title={trans.__('Jupyter does not answer')}>
          <p>{trans.__('Running jobs go on. The page tries again by itself.')}</p>
          <Button kind="filled" icon="again" onClick={remedies.tryNow}>
            {trans.__('Try now')}
          </Button>
        </State>
      );
    default:
      return (
        <State icon="failed" title={trans.__('The runner cannot start')}>
          <p className="jp-eodh-Reason">{message}</p>
          {status.remedy && <p>{clean(status.remedy, 600)}</p>}
          <div className="jp-eodh-Actions">
            <Button kind="filled" icon="again" onClick={remedies.start}>
              {trans.__('Try again')}
            </Button>
            <Button onClick={remedies.settings}>{trans.__('Settings')}</Button>
            <Button icon="log" onClick={remedies.log}>
              {trans.__('Log')}
            </Button>
          </div>
        </State>
      );
  }
}

/** Nothing is deployed yet: the shortest way to a first result. */
export function FirstTime(props: { trans: ITrans; remedies: IRemedies }): JSX.Element {
  const { trans, remedies } = props;
  return (
    <div className="jp-eodh-Empty">
      <p className="jp-eodh-Reason">
        <b>{trans.__('No process yet')}</b>
      </p>
      <p>{trans.__('A process is a CWL workflow the runner can launch. Write one in a cell:')}</p>
      <Snippet text={FIRST_CELL} trans={trans} copy={remedies.copy} />
      <p>{trans.__('Or start from what you have:')}</p>
      <div className="jp-eodh-Actions jp-mod-column">
        <Button kind="filled" icon="running" onClick={remedies.example}>
          {trans.__('Try the example')}
        </Button>
        <Button icon="folder" onClick={remedies.deployFile}>
          {trans.__('Deploy a file…')}
        </Button>
        <Button icon="open" onClick={remedies.deployUrl}>
          {trans.__('Deploy from a URL…')}
        </Button>
      </div>
    </div>
  );
}

export function Snippet(props: { text: string; trans: ITrans; copy(text: string): void }): JSX.Element {
  return (
    <div className="jp-eodh-Snippet">
      <pre>{props.text.trimEnd()}</pre>
      <button
        type="button"
        className="jp-eodh-Button jp-mod-flat jp-mod-icon"
        title={props.trans.__('Copy')}
        aria-label={props.trans.__('Copy')}
        onClick={() => props.copy(props.text)}
      >
        <copyIcon.react tag="span" />
      </button>
    </div>
  );
}

function State(
  props: React.PropsWithChildren<{ icon: string; title: string; isLate?: boolean }>
): JSX.Element {
  return (
    <div className={`jp-eodh-Empty jp-eodh-State${props.isLate ? ' jp-mod-late' : ''}`} role="status">
      <h3>
        <Icon name={props.icon} />
        <span>{props.title}</span>
      </h3>
      {props.children}
    </div>
  );
}
