import * as React from 'react';
import { Width, widthOf } from './words';

/** Follow the width of the panel, and the size of the user's font against the usual one. */
export function useWidth(root: React.RefObject<HTMLElement>): { width: Width; scale: number } {
  const [found, setFound] = React.useState<{ width: Width; scale: number }>({ width: 'normal', scale: 1 });
  React.useLayoutEffect(() => {
    const node = root.current;
    if (!node) {
      return;
    }
    const look = () => {
      const width = widthOf(node.clientWidth || 300);
      const scale = (parseFloat(getComputedStyle(node).fontSize) || 13) / 13;
      setFound(old => (old.width === width && old.scale === scale ? old : { width, scale }));
    };
    const sizes = new ResizeObserver(look);
    sizes.observe(node);
    look();
    return () => sizes.disconnect();
  }, [root]);
  return found;
}
