import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { IRunner, ProblemError } from '../model/runner';

/** Asks the runner through this server's own login and XSRF protection. */
export class Runner implements IRunner {
  constructor(readonly settings: ServerConnection.ISettings) {}

  url(path: string): string {
    return URLExt.join(this.settings.baseUrl, 'eodh') + '/' + path;
  }

  async request<T>(path: string, init: RequestInit = {}): Promise<T> {
    const response = await ServerConnection.makeRequest(this.url(path), init, this.settings);
    const text = await response.text();
    let body: any = {};
    try {
      body = text ? JSON.parse(text) : {};
    } catch {
      body = { detail: response.ok ? text : `${response.status} ${response.statusText}` };
    }
    if (!response.ok) {
      throw new ProblemError(response.status, { detail: body.message, ...body });
    }
    return body as T;
  }

  /** Send a JSON body. */
  send<T>(method: string, path: string, body: unknown, headers: Record<string, string> = {}): Promise<T> {
    return this.request<T>(path, {
      method,
      body: JSON.stringify(body),
      headers: { 'Content-Type': 'application/json', ...headers }
    });
  }
}
