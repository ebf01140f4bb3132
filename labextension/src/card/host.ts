import { Jobs } from '../model/job';
import { IRunner } from '../model/runner';
import { IStream } from '../model/stream';
import { ITrans } from '../model/words';
import { Announcer } from '../ui/announce';

/** What a card needs of the place it stands in: JupyterLab, or a widget without our extension. */
export interface ICardHost {
  readonly runner: IRunner;
  readonly stream: IStream;
  readonly jobs: Jobs;
  readonly trans: ITrans;
  readonly announcer: Announcer;
  /** Where steps run, by the name of the runner's executor; null when not known. */
  place(): string | null;
  /** Whether a command can be executed here; without it its button is not shown. */
  has(command: string): boolean;
  execute(command: string, args: Record<string, string>): void;
  /** True where the command to dismiss cannot ask: the card asks. */
  readonly asksInPlace: boolean;
  /** Save a file of the results where the browser saves files. */
  download(path: string, name: string): void;
}
