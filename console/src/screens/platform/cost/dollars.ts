/** `0.05` → `$0.05`, `0.0104` → `$0.0104`, `1914.4` → `$1,914.40`: cents, or three figures of what is less than a dollar. */
export function dollars(amount: number | null): string {
  if (amount === null) return "not known";
  if (amount === 0) return "$0";
  const shown = Math.abs(amount) < 1 ? Number(amount.toPrecision(3)) : amount;
  const digits = Math.abs(amount) < 1 ? 12 : 2;
  return `$${shown.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: digits })}`;
}
