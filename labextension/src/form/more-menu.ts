import { CommandRegistry } from '@lumino/commands';
import { Menu } from '@lumino/widgets';

export interface IMoreItem {
  label: string;
  execute(): void;
  isEnabled?(): boolean;
}

/** Give the menu behind the three dots; null draws a line. */
export function moreMenu(items: (IMoreItem | null)[]): Menu {
  const commands = new CommandRegistry();
  const menu = new Menu({ commands });
  items.forEach((item, index) => {
    if (item === null) {
      menu.addItem({ type: 'separator' });
      return;
    }
    const command = String(index);
    commands.addCommand(command, { ...item });
    menu.addItem({ command });
  });
  return menu;
}
