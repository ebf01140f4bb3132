export interface IProblem {
  status?: number;
  title?: string;
  detail?: string;
  remedy?: string;
  /** Message by offending name. */
  invalid?: Record<string, string>;
  diagnostics?: { message: string; line?: number; column?: number; severity?: string }[];
  reference?: string;
  /** Process that a deployment would replace. */
  processID?: string;
}

/** The runner, or the Jupyter server before it, refused. */
export class ProblemError extends Error {
  constructor(
    readonly status: number,
    readonly problem: IProblem
  ) {
    super(problem.detail ?? problem.title ?? `The server answered ${status}.`);
  }
}

/** What asks the runner; a card outside JupyterLab brings its own. */
export interface IRunner {
  request<T>(path: string, init?: RequestInit): Promise<T>;
  /** The bytes of an answer: a picture, or a part of a log. */
  blob(path: string, init?: RequestInit): Promise<Blob>;
  /** Address of a path of the runner, for pictures and downloads of this same server. */
  url(path: string): string;
}

/** Give a path of the runner from names that may hold anything. */
export function pathOf(...names: (string | number)[]): string {
  return names.map(name => encodeURIComponent(String(name))).join('/');
}
