import { LabIcon } from '@jupyterlab/ui-components';

export const workflowIcon = new LabIcon({
  name: 'eodh:workflow',
  svgstr:
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" width="16"><g class="jp-icon3" fill="#616161">' +
    '<rect x="1" y="5" width="5" height="6" rx="1"/><rect x="10" y="1.5" width="5" height="5" rx="1"/>' +
    '<rect x="10" y="9.5" width="5" height="5" rx="1"/><path d="M6 7.4h2V4h2v1H9v6h1v1H8V8.6H6z"/></g></svg>'
});
