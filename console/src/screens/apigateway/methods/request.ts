/** What a test sends, as it is typed. */
export interface Typed {
  /** With the query, `/classify?k=3`. */
  path: string;
  /** A line each: `Content-Type: application/json`. */
  headers: string;
  body: string;
}

/** `/classify/{model}` → the names of what must be filled in: `model`. */
export const placeholders = (path: string): string[] =>
  [...path.matchAll(/\{([^}+]+)\+?\}/g)].map(([, name = ""]) => name);

/** Puts values where names stand; a greedy one keeps its slashes. */
export const filledIn = (path: string, values: Record<string, string>): string =>
  path.replace(/\{([^}+]+)(\+?)\}/g, (_, name: string, greedy: string) => {
    const value = values[name] ?? "";
    return greedy ? value.split("/").map(encodeURIComponent).join("/") : encodeURIComponent(value);
  });

/** The headers of some lines, each value under its name, in their order; lines without a colon say nothing. */
export function headersIn(lines: string): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const line of lines.split("\n")) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).trim();
    if (colon > 0 && name) found[name] = [...(found[name] ?? []), line.slice(colon + 1).trim()];
  }
  return found;
}
