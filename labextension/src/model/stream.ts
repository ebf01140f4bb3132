import { ISignal } from '@lumino/signaling';
import { IProblem } from './runner';
import { IEvent } from './wire';

export interface IListener {
  /** The runner's stream is open; what was read before may be old. */
  onOpen?(): void;
  onEvent(event: IEvent): void;
  onProblem?(problem: IProblem): void;
}

/** Why nothing is tried any more: a new login is needed, or the server has no such address. */
export type Held = 'signed-out' | 'missing';

/** A source of events; a card outside JupyterLab brings its own. */
export interface IStream {
  readonly isConnected: boolean;
  /** When the next try begins (ms since the epoch); null while connected or held. */
  readonly nextTry: number | null;
  readonly held: Held | null;
  readonly stateChanged: ISignal<IStream, void>;
  /** Follow a job from a sequence number on, or the workspace (null); gives what ends it. */
  follow(job: string | null, listener: IListener, after?: number): () => void;
  tryNow(): void;
}
