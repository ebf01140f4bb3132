import { Contents } from '@jupyterlab/services';
import { pathOf } from '../model/runner';
import { IJob } from '../model/wire';
import { Runner } from '../shell/lab-runner';
import { IFound } from './context';
import { parseExact } from './json';
import { drawable, FormModel, IForm, IOrigin } from './model';
import { browserPath } from './places';

/** What past jobs of a process took. */
export interface IHistory {
  count: number;
  typical_s: number;
}

const HISTORY = 20;
/** Fewer past jobs tell nothing. */
const LEAST = 3;

/** What a launch form asks of the runner and of the file browser. */
export class FormSource {
  constructor(
    private _runner: Runner,
    private _contents: Contents.IManager
  ) {}

  async form(processID: string): Promise<IForm> {
    const form = (await this._exact(`${pathOf('processes', processID)}/form`)) as IForm;
    return { ...form, fields: form.fields.map(drawable) };
  }

  async origin(jobID: string): Promise<IOrigin> {
    const job = (await this._exact(pathOf('jobs', jobID))) as IJob;
    return { jobID: job.jobID, inputs: job.inputs ?? {} };
  }

  async jobs(processID: string, status?: string): Promise<IJob[]> {
    const query = new URLSearchParams({ processID, limit: String(HISTORY), ...(status ? { status } : {}) });
    return (await this._runner.request<{ jobs: IJob[] }>(`jobs?${query}`)).jobs;
  }

  /** Give what its successful jobs usually took; null when there are too few. */
  async history(processID: string): Promise<IHistory | null> {
    const jobs = await this.jobs(processID, 'successful');
    const took = jobs
      .filter(job => job.started && job.finished)
      .map(job => (Date.parse(job.finished!) - Date.parse(job.started!)) / 1000)
      .sort((a, b) => a - b);
    return took.length < LEAST ? null : { count: took.length, typical_s: took[Math.floor(took.length / 2)] };
  }

  /** Launch; the same key gives the same job, however often it is sent. */
  async launch(model: FormModel): Promise<IJob> {
    return this._runner.request<IJob>(`${pathOf('processes', model.form.process)}/execution`, {
      method: 'POST',
      body: model.body,
      headers: { 'Content-Type': 'application/json', Prefer: 'respond-async', 'Idempotency-Key': model.key }
    });
  }

  /** Look for a file of the server's disk; null where the file browser cannot see. */
  async look(path: string, root: string): Promise<IFound | null> {
    const shown = browserPath(path, root);
    if (shown === null || shown.split('/').some(part => part.startsWith('.'))) {
      return null;
    }
    try {
      const file = await this._contents.get(shown, { content: false });
      const isFolder = file.type === 'directory';
      return {
        isThere: true,
        isFolder,
        size_bytes: isFolder ? undefined : file.size,
        modified: file.last_modified
      };
    } catch (error) {
      return (error as { response?: Response }).response?.status === 404 ? { isThere: false } : null;
    }
  }

  private async _exact(path: string): Promise<unknown> {
    return parseExact(await (await this._runner.blob(path)).text());
  }
}
