const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** `1234567` → `1.2 MB`; in steps of 1000, as disks are sold. */
export function bytes(count: number | undefined): string {
  if (count === undefined) return "–";
  const power = count < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(count) / 3));
  const value = count / 1000 ** power;
  return `${power === 0 || value >= 1000 ? value : Number(value.toPrecision(3))} ${UNITS[power]}`;
}

/** `3725000` → `1 h 2 min`; `850` → `0.85 s`; two units at most. */
export function duration(milliseconds: number | undefined): string {
  if (milliseconds === undefined || Number.isNaN(milliseconds)) return "–";
  if (milliseconds < 1000) return `${Math.round(milliseconds) / 1000} s`;
  const seconds = Math.round(milliseconds / 1000);
  const parts: [number, string][] = [
    [Math.floor(seconds / 86400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"],
  ];
  const first = parts.findIndex(([amount]) => amount > 0);
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(" ");
}

const YEAR_MS = 365.25 * 86_400_000;

/** `45000` → `45 s ago`; of what is older than two years, years. */
export function ago(then: Date, now: number): string {
  const past = now - then.getTime();
  if (past < 1000) return "now";
  if (past >= 2 * YEAR_MS) return `${Math.floor(past / YEAR_MS)} years ago`;
  return `${duration(past).split(/(?<=\D) /)[0]} ago`;
}

/** Local date and time, in the order that sorts. */
export function moment(date: Date | undefined): string {
  if (!date) return "–";
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
