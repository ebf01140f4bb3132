import * as React from 'react';
import { IField } from '../model/wire';
import { ITrans } from '../model/words';
import { Draft } from './draft';
import { FormModel } from './model';
import { IElsewhere } from './source';

/** What a file field learns of a place. */
export interface IFound {
  isThere: boolean;
  isFolder?: boolean;
  size_bytes?: number;
  modified?: string;
}

/** What the fields of one form share. */
export interface IFormContext {
  /** Distinguishes the ids of this form from those of another on the page. */
  id: string;
  model: FormModel;
  trans: ITrans;
  /** Let the person choose in the file browser; paths on the server's disk, null when nothing was chosen. */
  browse: ((field: IField) => Promise<string[] | null>) | null;
  /** Give the paths on the server's disk of what was dragged from the file browser. */
  dropped(event: Event): string[];
  /** Where the runner is another computer, that it is, and what it takes; else null. */
  elsewhere: IElsewhere | null;
  look(path: string): Promise<IFound | null>;
  say(message: string): void;
}

export const FormContext = React.createContext<IFormContext>(null!);

export function useForm(): IFormContext {
  return React.useContext(FormContext);
}

/** What every control gets. */
export interface IControl {
  field: IField;
  draft: Draft;
  path: string;
  onDraft(draft: Draft): void;
}

/** Give the id of a part of a field. */
export function idOf(context: IFormContext, path: string, part = ''): string {
  return `${context.id}-${path}${part && `-${part}`}`;
}

/** Give the faults to show at a place, or anywhere below it. */
export function faultsAt(model: FormModel, path: string, isDeep = false): string[] {
  const found = model.shownFaults.filter(
    one => one.path === path || (isDeep && one.path.startsWith(`${path}/`))
  );
  return found.map(one => one.message);
}
