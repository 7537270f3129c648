import { Cron } from "croner";

/** How a schedule is given: one moment, an interval, or AWS's six fields of cron. */
export interface Schedule {
  kind: "at" | "rate" | "cron";
  /** `2026-11-30 09:00` in the time zone. */
  at: string;
  count: string;
  unit: "minute" | "hour" | "day";
  cron: string;
}

const AT = /^(\d{4})-(\d{1,2})-(\d{1,2})[ T](\d{1,2}):(\d{2})(?::(\d{2}))?$/;

/** The expression that Application Auto Scaling is told; nothing where something is not filled in as it should. */
export function expressionOf({ kind, at, count, unit, cron }: Schedule): string | undefined {
  if (kind === "at") {
    const parts = AT.exec(at.trim());
    if (!parts) return undefined;
    const [year = "", ...others] = parts.slice(1).map((part) => (part ?? "0").padStart(2, "0"));
    const [month, day, hour, minute, second] = others;
    return `at(${year}-${month}-${day}T${hour}:${minute}:${second})`;
  }
  if (kind === "rate") {
    if (!/^\s*[1-9]\d{0,8}\s*$/.test(count)) return undefined;
    return `rate(${Number(count)} ${unit}${Number(count) === 1 ? "" : "s"})`;
  }
  return cron.trim().split(/\s+/).length === 6 ? `cron(${cron.trim().replaceAll(/\s+/g, " ")})` : undefined;
}

/** The form of an expression that is there. */
export function scheduleOf(expression: string): Schedule {
  const schedule: Schedule = { kind: "cron", at: "", count: "1", unit: "hour", cron: "0 8 ? * MON-FRI *" };
  const at = /^at\((.+)\)$/.exec(expression);
  if (at) return { ...schedule, kind: "at", at: (at[1] ?? "").replace("T", " ") };
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression);
  if (rate) return { ...schedule, kind: "rate", count: rate[1] ?? "1", unit: rate[2] as Schedule["unit"] };
  const cron = /^cron\((.+)\)$/.exec(expression);
  return cron ? { ...schedule, cron: cron[1] ?? "" } : schedule;
}

const UNITS_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** When a schedule is in force. */
export interface Bounds {
  /** The first time, and nothing before it (User Guide, Scheduled scaling). */
  start?: Date | undefined;
  end?: Date | undefined;
  /** When it was made: without a start, intervals are counted from then. */
  made?: Date | undefined;
}

const MOST = 3;

/**
 * The next three times of an expression, the soonest first; fewer where it ends. Throws what is wrong with it.
 *
 * Cron's fields are croner's job.
 */
export function nextTimes(expression: string, zone: string, now: Date, bounds: Bounds = {}): Date[] {
  const { end } = bounds;
  return timesOf(expression, zone, now, bounds)
    .filter((time) => !end || time <= end)
    .slice(0, MOST);
}

function timesOf(expression: string, zone: string, now: Date, { start, made }: Bounds): Date[] {
  const { kind, at, count, unit, cron } = scheduleOf(expression);
  if (kind === "at") {
    const time = new Cron(at.replace(" ", "T"), { timezone: zone, paused: true }).nextRun(now);
    return time ? [time] : [];
  }
  const first = start && start > now ? start : undefined;
  if (kind === "rate") {
    const step = Number(count) * UNITS_MS[unit];
    const origin = (start ?? made ?? now).getTime();
    const done = Math.max(0, Math.floor((now.getTime() - origin) / step) + 1);
    const from = first ? origin : origin + done * step;
    return Array.from({ length: MOST }, (_, place) => new Date(from + place * step));
  }
  const job = new Cron(cronerOf(cron), { timezone: zone, paused: true, mode: "7-part", sloppyRanges: true });
  return first ? [first, ...job.nextRuns(MOST - 1, first)] : job.nextRuns(MOST, now);
}

/** AWS's six fields as croner's seven: seconds first; days of the week begin at 0, not at 1, and `6L` is `5#L`. */
export function cronerOf(cron: string): string {
  const fields = cron.trim().split(/\s+/);
  if (fields.length !== 6) throw new Error("Six fields: minute, hour, day, month, day of the week, year.");
  const [minute, hour, day = "", month, weekday = "", year] = fields;
  if ((day === "?") === (weekday === "?"))
    throw new Error("One of the two, day or day of the week, must be ?, and the other not.");
  const days = weekday.replace(
    /(?<![\w#/])([1-7])(L?)(?=[-,#/]|$)/g,
    (_, one: string, last: string) => `${Number(one) - 1}${last && "#L"}`,
  );
  return ["0", minute, hour, day === "?" ? "*" : day, month, days === "?" ? "*" : days, year].join(" ");
}

/** `Mon 2026-11-30 09:00`, as a clock in a time zone shows it. */
export function inZone(time: Date, zone: string): string {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    weekday: "short",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(time);
  const of = (type: Intl.DateTimeFormatPartTypes) => parts.find((part) => part.type === type)?.value ?? "";
  return `${of("weekday")} ${of("year")}-${of("month")}-${of("day")} ${of("hour")}:${of("minute")}`;
}
