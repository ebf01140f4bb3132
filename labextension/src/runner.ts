import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

export interface IProcess {
  id: string;
  title: string;
  version: string;
  mutable: boolean;
}

export interface IFailure {
  message: string;
  remedy: string;
}

export interface IJob {
  jobID: string;
  processID: string;
  status: string;
  message: string;
  progress?: number;
  created: string;
  finished?: string;
  failure?: IFailure;
}

export interface IRunnerState {
  state: 'ready' | 'starting' | 'down';
  message: string;
}

/** Ask the runner, through this server's own login and XSRF protection. */
export async function request<T>(
  settings: ServerConnection.ISettings,
  path: string,
  init: RequestInit = {}
): Promise<T> {
  const url = URLExt.join(settings.baseUrl, 'eodh', path);
  const response = await ServerConnection.makeRequest(url, init, settings);
  const text = await response.text();
  const body = text ? JSON.parse(text) : {};
  if (!response.ok) {
    throw new Error(body.detail ?? `${response.status} ${response.statusText}`);
  }
  return body as T;
}
