import * as React from 'react';
import { LabIcon } from '@jupyterlab/ui-components';

const stroke = { fill: 'none', stroke: 'currentColor', strokeWidth: 1.5 };

const shapes: Record<string, JSX.Element> = {
  accepted: <circle cx="8" cy="8" r="5.75" {...stroke} strokeDasharray="2.6 1.9" />,
  running: (
    <>
      <path d="M8 2.25A5.75 5.75 0 1 1 2.25 8" {...stroke} strokeLinecap="round" />
      <path d="M6.6 5.6v4.8L10.6 8z" fill="currentColor" />
    </>
  ),
  successful: (
    <>
      <circle cx="8" cy="8" r="6.5" fill="currentColor" />
      <path d="M5 8.2l2.1 2.1L11.1 6" {...stroke} stroke="var(--jp-layout-color1)" />
    </>
  ),
  failed: (
    <>
      <path d="M5.2 1.5h5.6l3.7 3.7v5.6l-3.7 3.7H5.2l-3.7-3.7V5.2z" fill="currentColor" />
      <path d="M5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8" {...stroke} stroke="var(--jp-layout-color1)" />
    </>
  ),
  dismissed: (
    <>
      <circle cx="8" cy="8" r="5.75" {...stroke} />
      <path d="M5 8h6" {...stroke} />
    </>
  ),
  process: (
    <>
      <rect x="1.5" y="5.5" width="4" height="5" rx="1" {...stroke} />
      <rect x="10.5" y="2" width="4" height="4.4" rx="1" {...stroke} />
      <rect x="10.5" y="9.6" width="4" height="4.4" rx="1" {...stroke} />
      <path d="M5.5 8h2.2c.9 0 .6-3.8 1.6-3.8h1.2M7.7 8c.9 0 .6 3.8 1.6 3.8h1.2" {...stroke} />
    </>
  )
};

/** The icon of a state or thing; its word stands beside it. */
export function StateIcon(props: { name: string }): JSX.Element {
  return (
    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" className={`jp-eodh-${props.name}`}>
      {shapes[props.name] ?? shapes.accepted}
    </svg>
  );
}

export const workflowIcon = new LabIcon({
  name: 'eodh:workflow',
  svgstr:
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" width="16"><g class="jp-icon3" fill="#616161">' +
    '<rect x="1" y="5" width="5" height="6" rx="1"/><rect x="10" y="1.5" width="5" height="5" rx="1"/>' +
    '<rect x="10" y="9.5" width="5" height="5" rx="1"/><path d="M6 7.4h2V4h2v1H9v6h1v1H8V8.6H6z"/></g></svg>'
});
