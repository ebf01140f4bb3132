import { ISignal, Signal } from '@lumino/signaling';
import { IProblem, IRunner, ProblemError } from '../model/runner';
import { IListener, IStream } from '../model/stream';

/** The part of an anywidget's model that is used. */
export interface IWidgetModel {
  get(name: string): any;
  on(name: string, listener: (...args: any[]) => void): void;
  off(name: string, listener: (...args: any[]) => void): void;
  send(content: unknown): void;
}

const ANSWER_MS = 15000;
/** The kernel says something at least every 10 s. */
const SILENCE_MS = 25000;

interface IWaiting {
  resolve(answer: { body: Blob }): void;
  reject(error: Error): void;
  timer: number;
}

/** The runner, asked by the kernel's own client: requests and events travel over its comm. */
export class KernelLink implements IRunner, IStream {
  constructor(private _model: IWidgetModel) {
    _model.on('msg:custom', this._take);
    this._listen();
  }

  get isConnected(): boolean {
    return this._isConnected;
  }

  /** The kernel decides when it tries again. */
  get nextTry(): number | null {
    return null;
  }

  get held(): null {
    return null;
  }

  get stateChanged(): ISignal<this, void> {
    return this._stateChanged;
  }

  url(path: string): string {
    return path;
  }

  async request<T>(path: string, init: RequestInit = {}): Promise<T> {
    const text = await (await this.blob(path, init)).text();
    return (text ? JSON.parse(text) : {}) as T;
  }

  async blob(path: string, init: RequestInit = {}): Promise<Blob> {
    const id = ++this._count;
    const headers = Object.fromEntries(new Headers(init.headers).entries());
    const answer = new Promise<{ body: Blob }>((resolve, reject) => {
      const timer = window.setTimeout(() => {
        this._waiting.delete(id);
        reject(new ProblemError(504, { detail: 'The kernel did not answer; it may be busy.' }));
      }, ANSWER_MS);
      this._waiting.set(id, { resolve, reject, timer });
    });
    const range = headers.range ? { range: headers.range } : {};
    this._model.send({ type: 'request', id, method: init.method ?? 'GET', path, ...range });
    return (await answer).body;
  }

  follow(job: string | null, listener: IListener, after = 0): () => void {
    if (job === null) {
      return () => undefined;
    }
    this._listeners.add(listener);
    this._model.send({ type: 'follow', after });
    return () => {
      this._listeners.delete(listener);
      this._model.send({ type: 'unfollow' });
    };
  }

  tryNow(): void {
    this._model.send({ type: 'ping' });
  }

  dispose(): void {
    this._model.off('msg:custom', this._take);
    window.clearTimeout(this._silence);
    this._waiting.forEach(waiting => window.clearTimeout(waiting.timer));
  }

  private _take = (content: any, buffers: DataView[] = []): void => {
    this._listen();
    if (content.type === 'answer') {
      const waiting = this._waiting.get(content.id);
      this._waiting.delete(content.id);
      window.clearTimeout(waiting?.timer);
      if (content.problem) {
        const problem: IProblem = content.problem;
        waiting?.reject(new ProblemError(problem.status ?? 500, problem));
      } else {
        const parts = buffers.map(
          buffer => new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
        );
        waiting?.resolve({ body: new Blob(parts as BlobPart[], { type: content.media_type }) });
      }
    } else if (content.type === 'event') {
      this._listeners.forEach(listener => listener.onEvent(content.event));
    } else if (content.type === 'open') {
      this._listeners.forEach(listener => listener.onOpen?.());
    } else if (content.type === 'problem') {
      this._listeners.forEach(listener => listener.onProblem?.(content.problem));
    }
  };

  /** A kernel that went says nothing any more. */
  private _listen(): void {
    window.clearTimeout(this._silence);
    this._silence = window.setTimeout(() => this._set(false), SILENCE_MS);
    this._set(true);
  }

  private _set(isConnected: boolean): void {
    if (isConnected !== this._isConnected) {
      this._isConnected = isConnected;
      this._stateChanged.emit();
    }
  }

  private _count = 0;
  private _isConnected = true;
  private _listeners = new Set<IListener>();
  private _silence = 0;
  private _stateChanged = new Signal<this, void>(this);
  private _waiting = new Map<number, IWaiting>();
}
