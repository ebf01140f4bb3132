import { Contents } from '@jupyterlab/services';
import { IProblem, pathOf, ProblemError } from '../model/runner';
import { IJob, IRunnerState } from '../model/wire';
import { Runner } from '../shell/lab-runner';
import { IFound } from './context';
import { parseExact, stringifyExact } from './json';
import { Reference } from './leaf';
import { drawable, FormModel, IForm, IOrigin } from './model';
import { browserPath, pathOfUri } from './places';

/** A runner that sees another disk. */
export interface IElsewhere {
  /** Largest file that it takes. */
  limit_bytes: number | null;
}

/** How far a file is on its way. */
export interface IBringing {
  doing: 'reading' | 'sending';
  name: string;
  done: number;
  size_bytes: number;
}

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

  /** Whether the runner is elsewhere, where paths of this disk mean nothing, and what it takes. */
  async elsewhere(): Promise<IElsewhere | null> {
    const status = await this._runner.request<IRunnerState>('status').catch(() => null);
    return status?.shared ? { limit_bytes: status.runner?.input_limit_bytes ?? null } : null;
  }

  /** Send the files of this disk that inputs name to a runner elsewhere; gives the inputs then. */
  async bring(
    inputs: Record<string, unknown>,
    tell: (progress: IBringing) => void,
    signal: AbortSignal
  ): Promise<Record<string, unknown>> {
    const sent = async (value: unknown): Promise<unknown> => {
      if (value instanceof Reference && value.location.startsWith('file:')) {
        return this._bring(value, tell, signal);
      }
      if (Array.isArray(value)) {
        const items: unknown[] = [];
        for (const item of value) {
          items.push(await sent(item));
        }
        return items;
      }
      if (value && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
        const members: [string, unknown][] = [];
        for (const [name, item] of Object.entries(value)) {
          members.push([name, await sent(item)]);
        }
        return Object.fromEntries(members);
      }
      return value;
    };
    return (await sent(inputs)) as Record<string, unknown>;
  }

  private async _bring(
    file: Reference,
    tell: (progress: IBringing) => void,
    signal: AbortSignal
  ): Promise<unknown> {
    const end = await this._runner.lines<IBringing & { value?: unknown; problem?: IProblem }>(
      'runner/inputs',
      {
        method: 'POST',
        body: JSON.stringify({ path: pathOfUri(file.location), class: file.className }),
        headers: { 'Content-Type': 'application/json' },
        signal
      },
      line => line.name !== undefined && tell(line)
    );
    if (end?.value === undefined) {
      throw new ProblemError(502, end?.problem ?? { detail: `${pathOfUri(file.location)} was not sent.` });
    }
    return end.value;
  }

  /** Launch; the same key gives the same job, however often it is sent. */
  async launch(model: FormModel, inputs: Record<string, unknown>): Promise<IJob> {
    return this._runner.request<IJob>(`${pathOf('processes', model.form.process)}/execution`, {
      method: 'POST',
      body: stringifyExact({ inputs }),
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
