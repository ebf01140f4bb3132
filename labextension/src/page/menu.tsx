import * as React from 'react';
import { Button } from '../ui/parts';

export interface IMenuItem {
  label: string;
  run(): void;
  /** Of what is on or off. */
  isOn?: boolean;
}

/** A button that opens a list of more to do. */
export function Menu(props: { label: string; items: IMenuItem[] }): JSX.Element {
  const [isOpen, setOpen] = React.useState(false);
  const root = React.useRef<HTMLDivElement>(null);
  const close = () => {
    setOpen(false);
    root.current?.querySelector<HTMLElement>('button')?.focus();
  };
  React.useEffect(() => {
    if (!isOpen) {
      return;
    }
    root.current?.querySelector<HTMLElement>('[role^=menuitem]')?.focus();
    const outside = (event: MouseEvent) => {
      if (!root.current?.contains(event.target as Node)) {
        setOpen(false);
      }
    };
    document.addEventListener('mousedown', outside);
    return () => document.removeEventListener('mousedown', outside);
  }, [isOpen]);
  const onKeyDown = (event: React.KeyboardEvent) => {
    const items = [...(root.current?.querySelectorAll<HTMLElement>('[role^=menuitem]') ?? [])];
    const at = items.indexOf(document.activeElement as HTMLElement);
    const keys: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: 0,
      End: items.length - 1
    };
    if (event.key === 'Escape') {
      close();
    } else if (event.key in keys) {
      items[(keys[event.key] + items.length) % items.length]?.focus();
    } else if (event.key === 'Tab') {
      setOpen(false);
      return;
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className="jp-eodh-PageMenuHolder" ref={root}>
      <Button
        icon="more"
        kind="flat"
        aria-label={props.label}
        title={props.label}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      />
      {isOpen && (
        <div className="jp-eodh-PageMenu" role="menu" aria-label={props.label} onKeyDown={onKeyDown}>
          {props.items.map(item => (
            <button
              key={item.label}
              type="button"
              role={item.isOn === undefined ? 'menuitem' : 'menuitemcheckbox'}
              aria-checked={item.isOn}
              tabIndex={-1}
              onClick={() => {
                close();
                item.run();
              }}
            >
              <span aria-hidden="true">{item.isOn ? '✓' : ''}</span>
              {item.label}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
