/** What a query found: rows by their fields' names, in the order of the answer. */
export interface Found {
  names: string[];
  rows: Record<string, string>[];
}

interface Cell {
  field?: string | undefined;
  value?: string | undefined;
}

/** The answer of GetQueryResults as rows; `@ptr` is for GetLogRecord, not for people. */
export function foundOf(results: readonly Cell[][]): Found {
  const rows = results.map((row) =>
    Object.fromEntries(row.map(({ field = "", value = "" }) => [field, value])),
  );
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((name) => name !== "@ptr");
  return { names, rows };
}

/** A query's commands: what stands between its pipes, but for those within quotes and regular expressions. */
export function commandsOf(query: string): string[] {
  const commands: string[] = [""];
  let closing = "";
  for (let place = 0; place < query.length; place++) {
    const letter = query[place] ?? "";
    const last = commands.length - 1;
    if (closing) {
      commands[last] += letter;
      if (letter === "\\") commands[last] += query[++place] ?? "";
      else if (letter === closing) closing = "";
      continue;
    }
    if (letter === "#") {
      // A comment, to the line's end.
      while (place < query.length && query[place] !== "\n") place++;
      commands[last] += " ";
      continue;
    }
    if (letter === "|") {
      commands.push("");
      continue;
    }
    // A slash begins a regular expression behind a word of the language, and divides elsewhere.
    const begins = letter === "/" && /(?:=~|\blike|\bin|\bparse\s+\S+)\s*$/i.test(commands[last] ?? "");
    if (letter === '"' || letter === "'" || letter === "`" || begins) closing = letter;
    commands[last] += letter;
  }
  return commands.map((command) => command.trim()).filter(Boolean);
}

const SEARCHES = /^(?:fields|parse|filter|unnest)\b/i;

/** The query that counts, by time, the lines which another one looks at; nothing where that makes numbers by itself. */
export function countsOf(query: string, binSeconds: number): string | undefined {
  const commands = commandsOf(query);
  if (commands.some((command) => /^(?:stats|pattern|diff|anomaly)\b/i.test(command))) return undefined;
  const end = commands.findIndex((command) => !SEARCHES.test(command));
  const kept = end < 0 ? commands : commands.slice(0, end);
  return [...kept, `stats count(*) as lines by bin(${binSeconds}s) as at`].join(" | ");
}

const BINS = [1, 5, 10, 30, 60, 300, 900, 1800, 3600, 10_800, 21_600, 86_400];

/** A width for bars over a time, in seconds: some forty of them. */
export const binFor = (from: number, until: number): number =>
  BINS.find((bin) => (until - from) / 1000 / bin <= 60) ?? 86_400;

/** `2026-11-29 12:00:00.000` of Logs Insights: milliseconds; it is UTC. */
export function timeOf(text: string | undefined): number | undefined {
  if (!text || !/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?$/.test(text)) return undefined;
  return Date.parse(`${text.replace(" ", "T")}Z`);
}

export interface Series {
  title: string;
  points: { x: number; y: number }[];
}

/**
 * Rows with a time and numbers as lines over time, one for each number, and for each of the other fields' values.
 *
 * Empty where the rows are none of `stats … by bin(…)`.
 */
export function seriesOf({ names, rows }: Found): Series[] {
  const at = names.find(
    (name) => name !== "@timestamp" && rows.every((row) => timeOf(row[name]) !== undefined),
  );
  if (!at || rows.length === 0) return [];
  const isNumber = (name: string) =>
    rows.every((row) => !row[name] || Number.isFinite(Number(row[name]))) && rows.some((row) => row[name]);
  const numbers = names.filter((name) => name !== at && isNumber(name));
  const groups = names.filter((name) => name !== at && !numbers.includes(name));
  const found = new Map<string, Series>();
  for (const row of rows) {
    const x = timeOf(row[at]);
    if (x === undefined) continue;
    for (const name of numbers) {
      if (!row[name]) continue;
      const of = groups.map((group) => row[group] || "–");
      const title = [...(numbers.length > 1 || of.length === 0 ? [name] : []), ...of].join(", ");
      const series = found.get(title) ?? { title, points: [] };
      series.points.push({ x, y: Number(row[name]) });
      found.set(title, series);
    }
  }
  for (const { points } of found.values()) points.sort((a, b) => a.x - b.x);
  return [...found.values()].slice(0, 20);
}
