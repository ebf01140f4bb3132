import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { ISignal, Signal } from '@lumino/signaling';
import { Held, IListener, IStream } from '../model/stream';
import { IEvent } from '../model/wire';

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 15000;
/** The server says something at least every 15 s. */
const SILENCE_MS = 40000;

interface ITopic {
  listeners: Set<IListener>;
  after: number | null;
}

/** The page's one socket: follows jobs and the workspace, and comes back with their cursors. */
export class PageStream implements IStream {
  constructor(private _settings: ServerConnection.ISettings) {
    window.addEventListener('online', () => this.tryNow());
    // Who comes back to the window may have signed in meanwhile.
    window.addEventListener('focus', () => this._held && this.tryNow());
  }

  get isConnected(): boolean {
    return this._isConnected;
  }

  get nextTry(): number | null {
    return this._nextTry;
  }

  get held(): Held | null {
    return this._held;
  }

  get stateChanged(): ISignal<this, void> {
    return this._stateChanged;
  }

  follow(job: string | null, listener: IListener, after?: number): () => void {
    let topic = this._topics.get(job);
    if (topic) {
      // A second reader comes with a cursor of its own: the topic goes back to the earlier one.
      topic.listeners.add(listener);
      if (job !== null && after !== undefined && (topic.after ?? 0) > after) {
        topic.after = after;
        this._tell({ type: 'unsubscribe', ...this._name(job) });
        this._subscribe(job, topic);
      } else if (this._isConnected) {
        listener.onOpen?.();
      }
    } else {
      topic = { listeners: new Set([listener]), after: after ?? null };
      this._topics.set(job, topic);
      this._subscribe(job, topic);
    }
    this._open();
    return () => {
      const found = this._topics.get(job);
      if (found?.listeners.delete(listener) && found.listeners.size === 0) {
        this._topics.delete(job);
        this._tell({ type: 'unsubscribe', ...this._name(job) });
      }
    };
  }

  tryNow(): void {
    if (!this._isConnected && (this._nextTry !== null || this._held)) {
      window.clearTimeout(this._timer);
      this._nextTry = null;
      this._held = null;
      this._open();
    }
  }

  /** Try no more until asked, or until somebody comes back to the window. */
  hold(reason: Held): void {
    if (!this._isConnected && !this._held) {
      window.clearTimeout(this._timer);
      this._nextTry = null;
      this._held = reason;
      this._stateChanged.emit();
    }
  }

  private _open(): void {
    if (this._socket || this._nextTry !== null || this._held) {
      return;
    }
    const settings = this._settings;
    let url = URLExt.join(settings.wsUrl, 'eodh', 'stream');
    if (settings.appendToken && settings.token) {
      url += `?token=${encodeURIComponent(settings.token)}`;
    }
    const socket = (this._socket = new settings.WebSocket(url));
    socket.onopen = () => {
      this._retry = FIRST_RETRY_MS;
      this._isConnected = true;
      this._listen();
      this._topics.forEach((topic, job) => this._subscribe(job, topic));
      this._stateChanged.emit();
    };
    socket.onmessage = message => {
      this._listen();
      this._take(JSON.parse(message.data));
    };
    socket.onclose = () => this._lose(socket);
  }

  private _take(body: any): void {
    const topic = this._topics.get(body.job ?? null);
    if (!topic) {
      return;
    }
    if (body.type === 'event') {
      const event = body.event as IEvent;
      const place = body.job ? event.seq : event.position;
      topic.after = Math.max(topic.after ?? 0, place);
      topic.listeners.forEach(listener => listener.onEvent(event));
    } else if (body.type === 'open') {
      topic.listeners.forEach(listener => listener.onOpen?.());
    } else if (body.type === 'error') {
      topic.listeners.forEach(listener => listener.onProblem?.(body.problem));
    }
  }

  /** A socket that went silent (a sleep, a dead network) is given up. */
  private _listen(): void {
    window.clearTimeout(this._silence);
    this._silence = window.setTimeout(() => {
      const socket = this._socket;
      socket?.close();
      if (socket) {
        this._lose(socket);
      }
    }, SILENCE_MS);
  }

  private _lose(socket: WebSocket): void {
    if (this._socket !== socket) {
      return;
    }
    socket.onclose = socket.onmessage = socket.onopen = null;
    window.clearTimeout(this._silence);
    this._socket = null;
    this._isConnected = false;
    this._nextTry = Date.now() + this._retry;
    this._timer = window.setTimeout(() => {
      this._nextTry = null;
      this._open();
    }, this._retry);
    this._retry = Math.min(LAST_RETRY_MS, this._retry * 2);
    this._stateChanged.emit();
  }

  private _subscribe(job: string | null, topic: ITopic): void {
    const after = topic.after === null ? {} : { after: topic.after };
    this._tell({ type: 'subscribe', ...this._name(job), ...after });
  }

  private _name(job: string | null): object {
    // To be told of the workspace is no reason to start a runner.
    return job === null ? { topic: 'workspace', start: false } : { job };
  }

  private _tell(message: object): void {
    if (this._isConnected) {
      this._socket?.send(JSON.stringify(message));
    }
  }

  private _held: Held | null = null;
  private _isConnected = false;
  private _nextTry: number | null = null;
  private _retry = FIRST_RETRY_MS;
  private _silence = 0;
  private _socket: WebSocket | null = null;
  private _stateChanged = new Signal<this, void>(this);
  private _timer = 0;
  private _topics = new Map<string | null, ITopic>();
}
