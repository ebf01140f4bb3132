import { Jobs } from '../model/job';
import { pathOf } from '../model/runner';
import { english } from '../model/words';
import { CommandIDs } from '../tokens';
import { Announcer } from '../ui/announce';
import { JobCard } from './card';
import { ICardHost } from './host';
import { IWidgetModel, KernelLink } from './kernel';
import { readSaved } from './saved';

/** The card as an anywidget, for front ends without our extension. */
function render({ model, el }: { model: IWidgetModel; el: HTMLElement }): () => void {
  const saved = readSaved(model.get('saved'));
  if (!saved) {
    el.textContent = english.__('This widget names no job.');
    return () => undefined;
  }
  const link = new KernelLink(model);
  const announcer = new Announcer();
  const commands: Record<string, (args: Record<string, string>) => void> = {
    [CommandIDs.dismissJob]: ({ jobID }) => void link.request(pathOf('jobs', jobID), { method: 'DELETE' }),
    [CommandIDs.copyText]: ({ text }) =>
      void navigator.clipboard.writeText(text).then(() => announcer.polite(english.__('Copied.')))
  };
  const host: ICardHost = {
    runner: link,
    stream: link,
    jobs: new Jobs(link, link),
    trans: english,
    announcer,
    asksInPlace: true,
    place: () => null,
    has: command => command in commands,
    execute: (command, args) => commands[command]?.(args),
    download: (path, name) =>
      void link.blob(path).then(bytes => {
        const anchor = document.createElement('a');
        anchor.href = URL.createObjectURL(bytes);
        anchor.download = name;
        anchor.click();
        window.setTimeout(() => URL.revokeObjectURL(anchor.href), 60000);
      })
  };
  const card = new JobCard(host, saved);
  el.append(card.node);
  return () => {
    card.dispose();
    link.dispose();
  };
}

export default { render };
