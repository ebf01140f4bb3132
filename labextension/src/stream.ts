import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

export interface IEvent {
  seq: number;
  position: number;
  kind: 'job' | 'progress' | 'step' | 'log' | 'process';
  jobID: string | null;
  data: Record<string, any>;
}

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 15000;

/** The page's one socket: follows the workspace, and comes back with its cursor. */
export class WorkspaceStream {
  constructor(
    private _settings: ServerConnection.ISettings,
    private _onEvent: (event: IEvent) => void,
    private _onConnected: (isConnected: boolean) => void
  ) {
    this._open();
  }

  dispose(): void {
    this._isDisposed = true;
    window.clearTimeout(this._timer);
    this._socket?.close();
  }

  private _open(): void {
    const settings = this._settings;
    let url = URLExt.join(settings.wsUrl, 'eodh', 'stream');
    if (settings.appendToken && settings.token) {
      url += `?token=${encodeURIComponent(settings.token)}`;
    }
    const socket = (this._socket = new settings.WebSocket(url));
    socket.onopen = () => {
      this._retry = FIRST_RETRY_MS;
      const cursor = this._position === null ? {} : { after: this._position };
      socket.send(JSON.stringify({ type: 'subscribe', topic: 'workspace', ...cursor }));
      this._onConnected(true);
    };
    socket.onmessage = message => {
      const body = JSON.parse(message.data);
      if (body.type === 'event') {
        this._position = body.event.position;
        this._onEvent(body.event);
      }
    };
    socket.onclose = () => {
      if (this._isDisposed) {
        return;
      }
      this._onConnected(false);
      this._timer = window.setTimeout(() => this._open(), this._retry);
      this._retry = Math.min(LAST_RETRY_MS, this._retry * 2);
    };
  }

  private _isDisposed = false;
  private _position: number | null = null;
  private _retry = FIRST_RETRY_MS;
  private _socket: WebSocket | null = null;
  private _timer = 0;
}
