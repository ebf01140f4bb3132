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
    const response = await this._answer(path, init);
    const text = await response.text();
    return (text ? JSON.parse(text) : {}) as T;
  }

  async blob(path: string, init: RequestInit = {}): Promise<Blob> {
    return (await this._answer(path, init)).blob();
  }

  /** Read an answer that is JSON by lines, each when it comes; gives the last one. */
  async lines<T>(path: string, init: RequestInit, take: (line: T) => void): Promise<T | null> {
    const response = await this._answer(path, init);
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    let last: T | null = null;
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      const parts = (rest + read.value).split('\n');
      rest = parts.pop()!;
      for (const part of parts) {
        last = JSON.parse(part) as T;
        take(last);
      }
    }
    return last;
  }

  /** Send a JSON body. */
  send<T>(method: string, path: string, body: unknown, headers: Record<string, string> = {}): Promise<T> {
    return this.request<T>(path, {
      method,
      body: JSON.stringify(body),
      headers: { 'Content-Type': 'application/json', ...headers }
    });
  }

  private async _answer(path: string, init: RequestInit): Promise<Response> {
    const response = await ServerConnection.makeRequest(this.url(path), init, this.settings);
    if (!response.ok) {
      const text = await response.text();
      let body: any = { detail: `${response.status} ${response.statusText}` };
      try {
        body = JSON.parse(text);
      } catch {
        // Not every proxy answers in JSON.
      }
      throw new ProblemError(response.status, { detail: body.message, ...body });
    }
    return response;
  }
}
