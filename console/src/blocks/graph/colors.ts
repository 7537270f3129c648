/** CloudWatch's own first colours; who has more lines sees them again. */
const COLORS = [
  "#1f77b4",
  "#ff7f0e",
  "#2ca02c",
  "#d62728",
  "#9467bd",
  "#8c564b",
  "#e377c2",
  "#7f7f7f",
  "#bcbd22",
  "#17becf",
];

export const colorOf = (index: number): string => COLORS[index % COLORS.length] ?? "#1f77b4";

/** Of an alarm's states. */
export const STATE_COLORS: Record<string, string> = {
  OK: "#2e9e7f",
  ALARM: "#d13212",
  INSUFFICIENT_DATA: "#8b9bab",
};
