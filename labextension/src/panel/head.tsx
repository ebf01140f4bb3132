import * as React from 'react';
import { addIcon, ellipsesIcon, refreshIcon } from '@jupyterlab/ui-components';
import { PanelContext, placeOf } from './context';

/** The head of the panel: its name, and what is done with the whole of it. */
export function Head(props: { context: PanelContext; onDetails(): void }): JSX.Element {
  const { context } = props;
  const { trans } = context;
  return (
    <div className="jp-eodh-Head">
      <h2>{trans.__('Workflows')}</h2>
      <HeadButton
        label={trans.__('Deploy a process…')}
        icon={<addIcon.react tag="span" />}
        onClick={event => context.addMenu(placeOf(event))}
      />
      <HeadButton
        label={trans.__('Refresh')}
        icon={<refreshIcon.react tag="span" />}
        onClick={() => context.refresh()}
      />
      <HeadButton
        label={trans.__('More')}
        icon={<ellipsesIcon.react tag="span" />}
        onClick={event => context.moreMenu(placeOf(event), props.onDetails)}
      />
    </div>
  );
}

function HeadButton(props: {
  label: string;
  icon: JSX.Element;
  onClick(event: React.MouseEvent): void;
}): JSX.Element {
  return (
    <button
      type="button"
      className="jp-eodh-Button jp-mod-flat jp-mod-icon"
      title={props.label}
      aria-label={props.label}
      onClick={props.onClick}
    >
      {props.icon}
    </button>
  );
}
