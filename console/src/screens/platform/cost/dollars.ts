/** Nothing is `not known`; `0.05` → `$0.05`, `0.00064` → `$0.00064`, `1914.4` → `$1,914.40`: cents, or two figures of what is less. */
export function dollars(amount: number | null): string {
  if (amount === null) return "not known";
  if (amount === 0) return "$0";
  if (Math.abs(amount) < 0.01) return `$${Number(amount.toPrecision(2))}`;
  return `$${amount.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}
