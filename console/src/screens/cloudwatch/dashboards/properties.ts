import type { Range } from "../../../blocks/graph/range";
import type { Widget } from "./body";

/** What a widget is called: by its title, or by what it is. */
export function nameOf({ type, properties }: Widget): string {
  const { title, markdown } = properties;
  if (typeof title === "string" && title) return title;
  if (type === "text" && typeof markdown === "string")
    return (
      markdown
        .split("\n", 1)[0]
        ?.replace(/^#+\s*/, "")
        .slice(0, 60) || "Text"
    );
  return { metric: "Metrics", alarm: "Alarms", log: "Logs", text: "Text" }[type] ?? (type || "Widget");
}

const UNITS: Record<string, number> = { D: 1440, H: 60, M: 1 };

/** `-PT3H`, `-P7D`: minutes before now; nothing for what is no such duration. */
export function minutesOf(text: unknown): number | undefined {
  const found =
    typeof text === "string" ? /^-P(?:(\d{1,4})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?)?$/.exec(text) : null;
  if (!found) return undefined;
  const [, days = "0", hours = "0", minutes = "0"] = found;
  return Number(days) * (UNITS.D ?? 0) + Number(hours) * (UNITS.H ?? 0) + Number(minutes) || undefined;
}

/** A widget's own time, where it has one; the dashboard's otherwise. */
export function rangeOf({ properties }: Widget, otherwise: Range): Range {
  const minutes = minutesOf(properties.start);
  if (minutes !== undefined) return { minutes };
  const from = typeof properties.start === "string" ? Date.parse(properties.start) : Number.NaN;
  const until = typeof properties.end === "string" ? Date.parse(properties.end) : Date.now();
  return from < until ? { from, until } : otherwise;
}

export interface Note {
  value: number;
  title: string;
  color: string;
  side: "left" | "right";
}

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Lines across a graph (documented: `annotations`); bands between two values are their two ends. */
export function notesOf(properties: Json): { marks: Note[]; moments: { at: number; title: string }[] } {
  const notes = isObject(properties.annotations) ? properties.annotations : {};
  const flat = (value: unknown) => (Array.isArray(value) ? value.flat() : []).filter(isObject);
  const marks = flat(notes.horizontal).flatMap((note) =>
    typeof note.value === "number"
      ? [
          {
            value: note.value,
            title: typeof note.label === "string" ? note.label : "",
            color: typeof note.color === "string" ? note.color : "#d13212",
            side: note.yAxis === "right" ? ("right" as const) : ("left" as const),
          },
        ]
      : [],
  );
  const moments = flat(notes.vertical).flatMap((note) => {
    const at = typeof note.value === "string" ? Date.parse(note.value) : Number.NaN;
    return Number.isNaN(at) ? [] : [{ at, title: typeof note.label === "string" ? note.label : "" }];
  });
  return { marks, moments };
}

/** The axes that a widget asks for. */
export function axesOf(
  properties: Json,
): Record<"left" | "right", { min?: number; max?: number; label?: string }> {
  const both = isObject(properties.yAxis) ? properties.yAxis : {};
  const one = (side: "left" | "right") => {
    const axis = isObject(both[side]) ? both[side] : {};
    return {
      ...(typeof axis.min === "number" ? { min: axis.min } : {}),
      ...(typeof axis.max === "number" ? { max: axis.max } : {}),
      ...(typeof axis.label === "string" ? { label: axis.label } : {}),
    };
  };
  return { left: one("left"), right: one("right") };
}

/** `yAxis` with another bound on the left; all else in it stays. */
export function withBound(yAxis: unknown, member: "min" | "max", value: number | undefined): Json {
  const both = isObject(yAxis) ? yAxis : {};
  const left = isObject(both.left) ? both.left : {};
  const { [member]: _, ...others } = left;
  return { ...both, left: value === undefined ? others : { ...others, [member]: value } };
}

/** `SOURCE 'a' | SOURCE "b" | fields @message`: the log groups of a query, and the rest of it. */
export function queryOf(text: unknown): { groups: string[]; query: string } {
  let rest = typeof text === "string" ? text.trim() : "";
  const groups: string[] = [];
  for (;;) {
    const found = /^SOURCE\s+(?:'([^']*)'|"([^"]*)"|([^\s|]+))\s*\|?\s*/i.exec(rest);
    if (!found) return { groups, query: rest };
    groups.push(found[1] ?? found[2] ?? found[3] ?? "");
    rest = rest.slice(found[0].length);
  }
}
