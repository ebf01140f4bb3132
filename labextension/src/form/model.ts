import { ISignal, Signal } from '@lumino/signaling';
import { IField } from '../model/wire';
import { ITrans } from '../model/words';
import { Draft, Drafts, draftOf, revived } from './draft';
import { stringifyExact } from './json';

import { IContext, IFault, IReading, read } from './reading';
import { labelOf } from './words';

/** What `GET /processes/{id}/form` answers. */
export interface IForm {
  process: string;
  revision?: number;
  fields: IField[];
}

/** Give a field as the form can draw it; what it cannot is edited as JSON. */
export function drawable(field: IField): IField {
  const item = field.item && drawable(field.item);
  const fields = field.fields?.map(drawable);
  const choices = field.choices?.map(drawable);
  const isWhole =
    KINDS.has(field.kind) &&
    (field.kind !== 'array' || item) &&
    (field.kind !== 'record' || fields?.length) &&
    (field.kind !== 'union' || choices?.length) &&
    (field.kind !== 'choice' || field.options?.length);
  return { ...field, item, fields, choices, kind: isWhole ? field.kind : 'json' };
}

const KINDS = new Set<string>(
  (
    'text long_text secret integer number boolean choice date datetime interval bbox geometry file directory ' +
    'array record union json'
  ).split(' ')
);

/** The job that a form begins from. */
export interface IOrigin {
  jobID: string;
  inputs: Record<string, unknown>;
}

/** What one launch form holds: drafts, what was refused, and what is shown of it. */
export class FormModel {
  constructor(
    readonly form: IForm,
    readonly context: IContext
  ) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get trans(): ITrans {
    return this.context.trans;
  }

  get drafts(): Readonly<Drafts> {
    return this._drafts;
  }

  get origin(): IOrigin | null {
    return this._origin;
  }

  /** Key of the next launch: the same until something changes or was launched. */
  get key(): string {
    return this._key;
  }

  set(name: string, draft: Draft): void {
    this._drafts = { ...this._drafts, [name]: draft };
    this._refused.delete(name);
    this._say();
  }

  /** Begin with what a job had; gives the names that the process does not have. */
  fill(origin: IOrigin | null): string[] {
    this._origin = origin;
    this._refused.clear();
    this._visited.clear();
    this._originals = {};
    const inputs = origin?.inputs ?? {};
    for (const field of this.form.fields) {
      this._originals[field.name] = draftOf(field, inputs[field.name]);
    }
    this._drafts = { ...this._originals };
    this._say();
    const known = new Set(this.form.fields.map(field => field.name));
    return Object.keys(inputs).filter(name => !known.has(name));
  }

  /** Take back what was typed before the page was left. */
  restore(drafts: Drafts): void {
    const known = new Set(this.form.fields.map(field => field.name));
    const found = Object.entries(drafts).filter(([name]) => known.has(name));
    const kept = Object.fromEntries(found.map(([name, draft]) => [name, revived(draft)]));
    this._drafts = { ...this._drafts, ...kept };
    this._say();
  }

  read(field: IField): IReading {
    return read(field, this._drafts[field.name], field.name, this.context);
  }

  /** Give what is wrong, in the order of the form. */
  get faults(): IFault[] {
    return this.form.fields.flatMap(field => {
      const refused = this._refused.get(field.name);
      const own = this.read(field).faults;
      const said = refused ? [{ path: field.name, label: labelOf(field), message: refused }] : [];
      const found = this._missing.get(field.name);
      const lost =
        found && own.length === 0
          ? [...found].map(([path, message]) => ({ path, label: labelOf(field), message }))
          : [];
      return own.length > 0 ? own : [...said, ...lost];
    });
  }

  /** Those at places that were left, or all after a launch was tried. */
  get shownFaults(): IFault[] {
    return this.faults.filter(one => this.isShown(one));
  }

  isShown(one: IFault): boolean {
    const name = one.path.split('/')[0];
    return (
      this._visited.has(one.path) ||
      this._refused.has(name) ||
      this._missing.get(name)?.has(one.path) === true
    );
  }

  /** A place got the focus, but not from the person: to leave it as it is says nothing. */
  spare(path: string): void {
    this._spared = path;
  }

  /** The person has left a place: what is wrong there may be said. */
  visit(path: string): void {
    const isSpared = path === this._spared && this._drafts[path] === this._originals[path];
    this._spared = null;
    if (!isSpared && !this._visited.has(path)) {
      this._visited.add(path);
      this._changed.emit();
    }
  }

  showAll(): void {
    this.faults.forEach(one => this._visited.add(one.path));
    this._changed.emit();
  }

  /** What the runner refused, by the name of the input; gives what has no field. */
  refuse(invalid: Record<string, string>): string[] {
    this._refused.clear();
    const others: string[] = [];
    for (const [name, text] of Object.entries(invalid)) {
      const words = `${text.charAt(0).toUpperCase()}${text.slice(1)}`.replace(/[^.!?]$/, '$&.');
      const known = this.form.fields.find(field => name === field.name || name === `inputs.${field.name}`);
      if (known) {
        this._refused.set(known.name, words);
      } else {
        others.push(`${name}: ${words}`);
      }
    }
    this._changed.emit();
    return others;
  }

  /** A file was looked for: say that it is not there, or take that back. */
  setMissing(path: string, message: string | null): void {
    const name = path.split('/')[0];
    const found = this._missing.get(name) ?? new Map<string, string>();
    if (message === null ? found.delete(path) : found.get(path) !== message) {
      if (message !== null) {
        found.set(path, message);
      }
      this._missing.set(name, found);
      this._changed.emit();
    }
  }

  /** Give what is sent: defaults and what is not set are left out. */
  get inputs(): [string, unknown, IField][] {
    return this.form.fields
      .map((field): [string, unknown, IField] => [field.name, this.read(field).value, field])
      .filter(([, value]) => value !== undefined);
  }

  get values(): Record<string, unknown> {
    return Object.fromEntries(this.inputs.map(([name, value]) => [name, value]));
  }

  get body(): string {
    return stringifyExact({ inputs: this.values });
  }

  /** Whether a field differs from the job that the form began from. */
  isChanged(field: IField): boolean {
    if (!this._origin) {
      return false;
    }
    const was = read(field, this._originals[field.name], field.name, this.context);
    const now = this.read(field);
    if (now.faults.length > 0 || was.faults.length > 0) {
      return this._drafts[field.name] !== this._originals[field.name];
    }
    return stringifyExact(was.value ?? field.default) !== stringifyExact(now.value ?? field.default);
  }

  get changes(): IField[] {
    return this.form.fields.filter(field => this.isChanged(field));
  }

  /** Drafts to keep while the page is away; secrets are not kept. */
  get kept(): Drafts {
    const open = this.form.fields.filter(field => !hides(field));
    return Object.fromEntries(open.map(field => [field.name, this._drafts[field.name]]));
  }

  /** A launch was taken; the next one is another job. */
  renewKey(): void {
    this._key = newKey();
  }

  private _say(): void {
    this.renewKey();
    this._changed.emit();
  }

  private _changed = new Signal<this, void>(this);
  private _drafts: Drafts = {};
  private _key = newKey();
  private _missing = new Map<string, Map<string, string>>();
  private _origin: IOrigin | null = null;
  private _originals: Drafts = {};
  private _refused = new Map<string, string>();
  private _spared: string | null = null;
  private _visited = new Set<string>();
}

/** Whether somewhere within a field is a secret. */
function hides(field: IField): boolean {
  const inner = [...(field.fields ?? []), ...(field.choices ?? []), ...(field.item ? [field.item] : [])];
  return field.kind === 'secret' || inner.some(hides);
}

/** A key that nobody else makes; also where the page is not from a secure place. */
function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), part =>
    part.toString(16).padStart(8, '0')
  ).join('');
}
