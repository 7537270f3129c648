import DateRangePicker, { type DateRangePickerProps } from "@cloudscape-design/components/date-range-picker";
import type { Range } from "./range";

const HOURS = [1, 3, 12, 24, 72, 168, 720];
const OPTIONS: DateRangePickerProps.RelativeOption[] = [
  { key: "15", amount: 15, unit: "minute", type: "relative" },
  ...HOURS.map((hours) =>
    hours < 24
      ? ({ key: String(hours * 60), amount: hours, unit: "hour", type: "relative" } as const)
      : ({ key: String(hours * 60), amount: hours / 24, unit: "day", type: "relative" } as const),
  ),
];
const MINUTES: Record<string, number> = {
  second: 1 / 60,
  minute: 1,
  hour: 60,
  day: 1440,
  week: 10_080,
  month: 43_200,
  year: 525_600,
};

function pickedOf(range: Range): DateRangePickerProps.Value {
  if ("minutes" in range) {
    const known = OPTIONS.find(({ key }) => key === String(range.minutes));
    return known ?? { type: "relative", amount: range.minutes, unit: "minute" };
  }
  return {
    type: "absolute",
    startDate: new Date(range.from).toISOString(),
    endDate: new Date(range.until).toISOString(),
  };
}

function rangeOf(value: DateRangePickerProps.Value): Range {
  if (value.type === "absolute")
    return { from: new Date(value.startDate).getTime(), until: new Date(value.endDate).getTime() };
  return { minutes: value.amount * (MINUTES[value.unit] ?? 1) };
}

function fault(value: DateRangePickerProps.Value | null): DateRangePickerProps.ValidationResult {
  if (!value) return { valid: false, errorMessage: "Choose a range." };
  const range = rangeOf(value);
  const minutes = "minutes" in range ? range.minutes : (range.until - range.from) / 60_000;
  if (!(minutes > 0)) return { valid: false, errorMessage: "The range ends before it begins." };
  // Documented: metrics are kept for 455 days.
  if (minutes > 455 * 1440) return { valid: false, errorMessage: "Metrics are kept for 455 days." };
  return { valid: true };
}

/** How far back; or from when until when. */
export function RangePicker({ range, onChange }: { range: Range; onChange: (range: Range) => void }) {
  return (
    <DateRangePicker
      value={pickedOf(range)}
      relativeOptions={OPTIONS}
      isValidRange={fault}
      onChange={({ detail }) => detail.value && onChange(rangeOf(detail.value))}
      showClearButton={false}
      placeholder="Time"
      ariaLabel="Time range"
      expandToViewport
    />
  );
}
