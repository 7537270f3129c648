/** Lambda's `2026-11-29T09:04:18.446+0000`, which is no ISO 8601 to a browser without a colon in its offset. */
export function momentOf(text: string | undefined): Date | undefined {
  if (!text) return undefined;
  const date = new Date(text.replace(/([+-]\d\d)(\d\d)$/, "$1:$2"));
  return Number.isNaN(date.getTime()) ? undefined : date;
}
