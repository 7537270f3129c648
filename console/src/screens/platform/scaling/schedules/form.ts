import type {
  PutScheduledActionCommandInput,
  ScheduledAction,
} from "@aws-sdk/client-application-auto-scaling";
import { areCounts } from "../../../../blocks/formats/numbers";
import { ofTarget } from "../policies/form";
import type { Target } from "../targets";
import { expressionOf, nextTimes, type Schedule, scheduleOf } from "./next";

/** A scheduled action as a form has it. */
export interface ActionForm {
  name: string;
  schedule: Schedule;
  zone: string;
  /** Empty where it leaves a bound as it is. */
  least: string;
  most: string;
  /** `2026-11-30 09:00`, in the browser's zone; empty for at once, and for ever. */
  start: string;
  end: string;
}

/** The zone of whoever looks. */
export const ownZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

export const zones = (): string[] => {
  const known = Intl.supportedValuesOf("timeZone");
  return known.includes("UTC") ? known : ["UTC", ...known];
};

const two = (value: number) => String(value).padStart(2, "0");

/** A local date and time as a form has it. */
export const written = (date: Date | undefined): string =>
  date
    ? `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`
    : "";

/** What was typed as a moment; `null` where it is none. */
export function momentOf(typed: string): Date | undefined | null {
  if (typed.trim() === "") return undefined;
  if (!/^\d{4}-\d{1,2}-\d{1,2}[ T]\d{1,2}:\d{2}$/.test(typed.trim())) return null;
  const date = new Date(typed.trim().replace(" ", "T"));
  return Number.isNaN(date.getTime()) ? null : date;
}

export function formOf(action: ScheduledAction | undefined, target: Target, now: Date): ActionForm {
  const bounds = action?.ScalableTargetAction;
  const inAnHour = new Date(Math.ceil(now.getTime() / 3_600_000) * 3_600_000);
  const schedule = scheduleOf(action?.Schedule ?? "");
  return {
    name: action?.ScheduledActionName ?? "",
    schedule: { ...schedule, at: schedule.at || written(inAnHour) },
    zone: action ? (action.Timezone ?? "UTC") : ownZone(),
    least: String(action ? (bounds?.MinCapacity ?? "") : target.MinCapacity),
    most: String(action ? (bounds?.MaxCapacity ?? "") : target.MaxCapacity),
    start: written(action?.StartTime),
    end: written(action?.EndTime),
  };
}

/** When it is done next, or why that cannot be told; intervals are counted from when it was made. */
export function toldOf(form: ActionForm, now: Date, made?: Date): { times: Date[]; fault?: string } {
  const expression = expressionOf(form.schedule);
  const [start, end] = [momentOf(form.start), momentOf(form.end)];
  if (start === null || end === null) return { times: [], fault: "A date is written 2026-11-30 09:00." };
  if (!expression)
    return {
      times: [],
      fault: {
        at: "A date is written 2026-11-30 09:00.",
        rate: "An interval is a whole number, from 1.",
        cron: "Six fields: minute, hour, day, month, day of the week, year.",
      }[form.schedule.kind],
    };
  try {
    const times = nextTimes(expression, form.zone, now, { start, end, made });
    return times.length > 0 ? { times } : { times, fault: "It is over: there is no next time." };
  } catch (error) {
    return { times: [], fault: (error as Error).message };
  }
}

export function isActionForm(form: ActionForm, now: Date): boolean {
  const given = [form.least, form.most].filter((one) => one.trim() !== "");
  return (
    form.name.trim() !== "" &&
    given.length > 0 &&
    areCounts(...given) &&
    toldOf(form, now).fault === undefined
  );
}

/** What PutScheduledAction is told: all of it, since it takes start and end away where they are not given. */
export function actionOf(form: ActionForm, target: Target): PutScheduledActionCommandInput {
  const bound = (value: string) => (value.trim() === "" ? undefined : Number(value));
  return {
    ...ofTarget(target),
    ScheduledActionName: form.name.trim(),
    Schedule: expressionOf(form.schedule),
    Timezone: form.zone,
    StartTime: momentOf(form.start) ?? undefined,
    EndTime: momentOf(form.end) ?? undefined,
    ScalableTargetAction: { MinCapacity: bound(form.least), MaxCapacity: bound(form.most) },
  };
}
