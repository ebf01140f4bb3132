/** What the runner says and takes; members may be absent, which means not known. */

export type JobStatus = 'accepted' | 'running' | 'successful' | 'failed' | 'dismissed';
export type StepState = 'waiting' | 'running' | 'done' | 'reused' | 'failed' | 'dismissed';

export interface IFailure {
  class: string;
  message: string;
  remedy: string;
  step?: string | null;
  exit_code?: number | null;
  log_line?: string | null;
}

export interface IStepCounts {
  total: number;
  done: number;
  running: number;
  failed: number;
  reused: number;
}

export interface IJob {
  jobID: string;
  processID: string;
  status: JobStatus;
  message?: string;
  progress?: number;
  created: string;
  started?: string;
  finished?: string;
  updated?: string;
  failure?: IFailure;
  revision?: number;
  process_revision?: number | null;
  time_left_s?: number;
  jobs_ahead?: number;
  steps?: IStepCounts;
  /** Such as "crop 4 of 8", while it runs. */
  current?: string;
  inputs?: Record<string, unknown>;
}

export interface IStep {
  path: string;
  name: string;
  state: StepState;
  log?: string | null;
  attempt?: number;
  exit_code?: number | null;
  wall_s?: number | null;
  cpu_s?: number | null;
  peak_ram_mib?: number | null;
  cores?: number | null;
  ram_mib?: number | null;
  command?: string[];
  image?: string | null;
  log_size_bytes?: number;
  failure?: IFailure | null;
  /** Why it waits. */
  reason?: string | null;
  started?: string | null;
  finished?: string | null;
}

export interface INode {
  id: string;
  label: string;
  /** Id of the sub-workflow it belongs to. */
  parent: string | null;
  is_scatter: boolean;
  kind: 'step' | 'workflow';
  /** True when it runs only under a condition. */
  is_conditional?: boolean;
}

export interface IGraph {
  nodes: INode[];
  edges: [string, string][];
}

export interface IProcess {
  id: string;
  title?: string;
  description?: string;
  version: string;
  mutable: boolean;
  revision?: number;
  created?: string;
  has_jobs?: boolean;
}

export type FieldKind =
  | 'text'
  | 'long_text'
  | 'secret'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'choice'
  | 'date'
  | 'datetime'
  | 'interval'
  | 'bbox'
  | 'geometry'
  | 'file'
  | 'directory'
  | 'array'
  | 'record'
  | 'union'
  | 'json';

/** One field of a launch form, as the runner makes it from the input's schema. */
export interface IField {
  name: string;
  label: string;
  help?: string;
  kind: FieldKind;
  required: boolean;
  default?: unknown;
  unit?: string;
  minimum?: number;
  maximum?: number;
  exclusive_minimum?: number;
  exclusive_maximum?: number;
  step?: number;
  options?: unknown[];
  pattern?: string;
  min_length?: number;
  max_length?: number;
  min_items?: number;
  max_items?: number;
  item?: IField;
  fields?: IField[];
  choices?: IField[];
  media_types?: string[];
  /** What a plain text is meant to hold: a map or a calendar is offered beside it. */
  suggests?: 'bbox' | 'geometry' | 'interval' | 'date';
  schema?: unknown;
}

export interface IEntry {
  name: string;
  kind: 'file' | 'directory' | 'value';
  size_bytes?: number;
  media_type?: string;
  href?: string;
  /** Name of the file behind an output or an item of a list, where it has another. */
  basename?: string;
  value?: unknown;
}

export interface IListing {
  path: string;
  entries: IEntry[];
  next: string | null;
  total?: number;
}

export interface IPreview {
  path: string;
  kind: 'image' | 'raster' | 'table' | 'text' | 'json' | 'stac' | 'zarr' | 'none';
  size_bytes?: number;
  media_type?: string;
  image?: string;
  raster?: {
    width: number;
    height: number;
    bands: number;
    dtype: string;
    crs: string | null;
    bbox: number[] | null;
    nodata?: number;
  };
  table?: { columns: string[]; rows: string[][]; is_cut: boolean };
  text?: string;
  is_cut?: boolean;
  json?: unknown;
  stac?: Record<string, any>;
  zarr?: {
    format: number;
    dimensions: Record<string, number>;
    variables: {
      name: string;
      dimensions: string[];
      shape: number[];
      dtype: string;
      chunks: number[] | null;
    }[];
    is_cut: boolean;
  };
  reason?: string;
}

export interface ILogPage {
  first: number;
  lines: string[];
  total_lines: number;
  size_bytes: number;
  is_final: boolean;
}

export interface IEvent {
  /** Counted from 1 for each job, without a gap. */
  seq: number;
  position: number;
  time: string;
  kind: 'job' | 'progress' | 'step' | 'log' | 'process';
  jobID: string | null;
  data: Record<string, any>;
}

export interface IRunnerState {
  /**
   * `idle`: none is up and nothing is wrong; `down`: it cannot start or does not answer. The page itself
   * finds: `signed-out`, `missing` (the server has no such extension), `unreachable` (no server).
   */
  state: 'ready' | 'starting' | 'idle' | 'down' | 'signed-out' | 'missing' | 'unreachable';
  message: string;
  remedy?: string;
  runner?: Record<string, any> | null;
  /** Folder on the server's disk where the file browser begins. */
  root?: string;
  /** Whether the runner is elsewhere, and others use it too. */
  shared?: boolean;
}

export function isTerminal(status: string): boolean {
  return status !== 'accepted' && status !== 'running';
}
