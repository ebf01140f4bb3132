import { IJobState } from '../model/job';
import { clean } from '../model/words';
import { IGraph, IJob, INode, IStep, JobStatus, StepState } from '../model/wire';
import { IResult, kindOf } from './result';

export const MIME_TYPE = 'application/vnd.eodh.job+json';

/** What a notebook keeps of a job; it comes from whoever wrote the notebook. */
export interface ISaved {
  state: IJobState;
  results: IResult[];
  resultCount: number;
  savedAt: string | null;
}

const STATES = ['accepted', 'running', 'successful', 'failed', 'dismissed'];
const STEP_STATES = ['waiting', 'running', 'done', 'reused', 'failed', 'dismissed'];
const MAX_STEPS = 1000;

/** Read what was saved; null when it names no job. Members of later versions are left aside. */
export function readSaved(data: unknown): ISaved | null {
  const given = record(data);
  const jobID = given.jobID;
  if (typeof jobID !== 'string' || !/^\w[\w.-]{0,99}$/.test(jobID)) {
    return null;
  }
  const status = record(given.status);
  const job: IJob = {
    jobID,
    processID: clean(given.processID, 200),
    status: oneOf(STATES, status.status, 'accepted') as JobStatus,
    progress: number(status.progress),
    created: time(status.created) ?? time(given.saved) ?? new Date(0).toISOString(),
    started: time(status.started),
    finished: time(status.finished),
    revision: number(status.revision)
  };
  const failure = record(status.failure);
  if (failure.message !== undefined) {
    const words = (name: string) => (failure[name] == null ? undefined : clean(failure[name], 600));
    job.failure = {
      class: words('class') ?? 'internal',
      message: words('message') ?? '',
      remedy: words('remedy') ?? '',
      step: words('step'),
      log_line: words('log_line')
    };
  }
  const steps = list(given.steps).flatMap((entry): [string, IStep][] => {
    const step = record(entry);
    const path = String(step.path ?? '');
    const state = oneOf(STEP_STATES, step.state, 'waiting') as StepState;
    const facts = { wall_s: number(step.wall_s), attempt: number(step.attempt) };
    return path ? [[path, { path, name: path, state, ...facts }]] : [];
  });
  const results = list(given.results).map((entry): IResult => {
    const result = record(entry);
    const title = clean(result.title ?? result.name, 200);
    return {
      name: String(result.name ?? ''),
      title,
      type: result.kind === 'directory' ? 'Folder' : kindOf(clean(result.type, 100), title),
      size: number(result.length) ?? null,
      isFile: result.kind === 'file',
      text: typeof result.text === 'string' ? clean(result.text, 120) : null
    };
  });
  return {
    state: { job, steps: new Map(steps), graph: graphOf(given.graph), seq: 0 },
    results,
    resultCount: Math.max(number(given.result_count) ?? 0, results.length),
    savedAt: time(given.saved) ?? null
  };
}

function graphOf(given: unknown): IGraph | null {
  const graph = record(given);
  const nodes = list(graph.nodes).flatMap((entry): INode[] => {
    const node = record(entry);
    return typeof node.id !== 'string'
      ? []
      : [
          {
            id: node.id,
            label: String(node.label ?? node.id),
            parent: typeof node.parent === 'string' ? node.parent : null,
            is_scatter: node.is_scatter === true,
            is_conditional: node.is_conditional === true,
            kind: node.kind === 'workflow' ? 'workflow' : 'step'
          }
        ];
  });
  const edges = list(graph.edges).flatMap((edge): [string, string][] =>
    Array.isArray(edge) && edge.length === 2 ? [[String(edge[0]), String(edge[1])]] : []
  );
  return nodes.length ? { nodes, edges } : null;
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value.slice(0, MAX_STEPS) : [];
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function time(value: unknown): string | undefined {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? value : undefined;
}

function oneOf(known: string[], value: unknown, otherwise: string): string {
  return known.includes(value as string) ? (value as string) : otherwise;
}
