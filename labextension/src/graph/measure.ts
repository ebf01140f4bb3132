let pen: CanvasRenderingContext2D | null = null;

/** Give the width of a name, in the font of nodes. */
export function measure(text: string): number {
  if (!pen) {
    pen = document.createElement('canvas').getContext('2d');
    if (pen) {
      const family = getComputedStyle(document.body).getPropertyValue('--jp-ui-font-family');
      pen.font = `600 12px ${family || 'system-ui, sans-serif'}`;
    }
  }
  return pen ? pen.measureText(text).width : text.length * 6.4;
}
