import { freePlace } from "./layout";

/** A widget as AWS's JSON has it; members that this page does not know stay as they are. */
export interface Widget {
  type: string;
  x: number;
  y: number;
  width: number;
  height: number;
  properties: Record<string, unknown>;
  /** Members besides these. */
  rest: Record<string, unknown>;
}

export interface Dashboard {
  widgets: Widget[];
  rest: Record<string, unknown>;
}

// Documented: CloudWatch API reference, "Dashboard body structure and syntax": where a widget names no size.
const WIDTH = 6;
const HEIGHT = 6;

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const whole = (value: unknown, least: number, otherwise: number) =>
  typeof value === "number" && Number.isInteger(value) && value >= least ? value : otherwise;

/** Reads a dashboard's body. What names no place gets the next free one, row by row. */
export function readBody(text: string): Dashboard {
  const document: unknown = JSON.parse(text);
  if (!isObject(document)) throw new Error("The dashboard is no JSON object.");
  const { widgets, ...rest } = document;
  const read: Widget[] = [];
  for (const item of Array.isArray(widgets) ? widgets : []) {
    if (!isObject(item)) continue;
    const { type, x, y, width, height, properties, ...more } = item;
    const size = { width: Math.min(24, whole(width, 1, WIDTH)), height: whole(height, 1, HEIGHT) };
    const free = x === undefined || y === undefined ? freePlace(read, size) : { x: 0, y: 0 };
    read.push({
      type: typeof type === "string" ? type : "",
      ...size,
      x: Math.min(24 - size.width, whole(x, 0, free.x)),
      y: whole(y, 0, free.y),
      properties: isObject(properties) ? properties : {},
      rest: more,
    });
  }
  return { widgets: read, rest };
}

/** The body that PutDashboard is given. */
export function bodyOf({ widgets, rest }: Dashboard, indent = 0): string {
  const written = widgets.map(({ type, x, y, width, height, properties, rest: more }) => ({
    type,
    x,
    y,
    width,
    height,
    properties,
    ...more,
  }));
  return JSON.stringify({ ...rest, widgets: written }, undefined, indent);
}

const SIZES: Record<string, { width: number; height: number }> = {
  metric: { width: 12, height: 6 },
  text: { width: 12, height: 3 },
  alarm: { width: 12, height: 3 },
  log: { width: 24, height: 6 },
};

/** The dashboard with one widget more, where there is room. */
export function withWidget(dashboard: Dashboard, type: string, properties: Json): Dashboard {
  const size = SIZES[type] ?? { width: WIDTH, height: HEIGHT };
  const widget = { type, ...size, ...freePlace(dashboard.widgets, size), properties, rest: {} };
  return { ...dashboard, widgets: [...dashboard.widgets, widget] };
}
