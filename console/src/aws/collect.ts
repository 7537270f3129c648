/** Most items of a list that a screen asks for: beyond, a filter of the API finds them. */
export const MOST_ITEMS = 1000;

/** Reads the pages of one of the SDK's paginators, up to `most` items. */
export async function collect<P, T>(
  pages: AsyncIterable<P>,
  items: (page: P) => T[] | undefined,
  most: number = MOST_ITEMS,
): Promise<T[]> {
  const found: T[] = [];
  for await (const page of pages) {
    found.push(...(items(page) ?? []));
    if (found.length >= most) break;
  }
  return found.slice(0, most);
}
