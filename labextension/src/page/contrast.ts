export type Rgb = readonly [number, number, number];

/** WCAG 2.2, 1.4.3: contrast of text. */
export const ENOUGH = 4.5;

/** Read what `getComputedStyle` says of a colour, over what is behind it. */
export function readColour(text: string, behind: Rgb = [255, 255, 255]): Rgb {
  const numbers = (text.match(/-?[\d.]+(?:e-?\d+)?/g) ?? []).map(Number);
  const unit = text.startsWith('color(') ? 255 : 1;
  const [red, green, blue, alpha = 1] = numbers;
  const over = (value: number, under: number) => value * unit * alpha + under * (1 - alpha);
  return [over(red, behind[0]), over(green, behind[1]), over(blue, behind[2])];
}

/** Give the contrast of two colours (WCAG 2.2, contrast ratio). */
export function contrast(one: Rgb, other: Rgb): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

/** Mix a colour with the text's own until it can be read on each of the backgrounds. */
export function readable(colour: Rgb, text: Rgb, backgrounds: Rgb[]): Rgb {
  for (let share = 0; share < 1; share += 0.05) {
    const mixed = mix(colour, text, share);
    if (backgrounds.every(background => contrast(mixed, background) >= ENOUGH)) {
      return mixed;
    }
  }
  return text;
}

export function css(colour: Rgb): string {
  return `rgb(${colour.map(Math.round).join(' ')})`;
}

function mix(colour: Rgb, text: Rgb, share: number): Rgb {
  const part = (at: 0 | 1 | 2) => colour[at] * (1 - share) + text[at] * share;
  return [part(0), part(1), part(2)];
}

function luminance(colour: Rgb): number {
  const [red, green, blue] = colour.map(value => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
