/** Columns of a dashboard (documented). */
export const COLUMNS = 24;
const MOST_HEIGHT = 1000;

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** Where something fits: the first place from the top, from the left. */
export function freePlace(boxes: Box[], size: { width: number; height: number }): { x: number; y: number } {
  const bottom = boxes.reduce((most, box) => Math.max(most, box.y + box.height), 0);
  const rows = [...new Set([0, ...boxes.map((box) => box.y + box.height)])].sort((a, b) => a - b);
  for (const y of rows)
    for (let x = 0; x + size.width <= COLUMNS; x += 1)
      if (!boxes.some((box) => overlap(box, { ...size, x, y }))) return { x, y };
  return { x: 0, y: bottom };
}

/** A place and a size that a widget may have. */
export function fitted(box: Box): Box {
  const width = Math.min(COLUMNS, Math.max(1, Math.round(box.width)));
  const height = Math.min(MOST_HEIGHT, Math.max(1, Math.round(box.height)));
  const x = Math.min(COLUMNS - width, Math.max(0, Math.round(box.x)));
  return { x, y: Math.max(0, Math.round(box.y)), width, height };
}

/** All boxes with one of them put elsewhere: what is in its way goes down, and takes what is below along. */
export function placed<T extends Box>(boxes: T[], index: number, box: Box): T[] {
  const moved = boxes.map((one, place) => (place === index ? { ...one, ...fitted(box) } : { ...one }));
  const settled: T[] = [];
  const order = moved.map((_, place) => place).sort((a, b) => rank(a) - rank(b) || by(a) - by(b));
  for (const place of order) {
    const one = moved[place];
    if (!one) continue;
    for (;;) {
      const blocks = settled.filter((other) => overlap(other, one));
      if (blocks.length === 0) break;
      one.y = Math.max(...blocks.map((other) => other.y + other.height));
    }
    settled.push(one);
  }
  return moved;

  function rank(place: number): number {
    return place === index ? 0 : 1;
  }
  function by(place: number): number {
    const one = moved[place];
    return one ? one.y * COLUMNS + one.x : 0;
  }
}
