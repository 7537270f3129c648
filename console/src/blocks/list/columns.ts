import type { ReactNode } from "react";

export type Value = string | number | boolean | Date | undefined;

/** One column of a resource list: what is seen, and what it is sorted and filtered by. */
export interface Column<T> {
  id: string;
  header: string;
  value: (item: T) => Value;
  /** `value` as text, where absent. */
  cell?: (item: T) => ReactNode;
  width?: number;
  /** Shown when somebody asks for it in the preferences. */
  hidden?: boolean;
}

/** An item with its values beside it, which is what the table's filters look at. */
export type Row<T> = Record<string, unknown> & { $item: T; $id: string };

const ofFilter = (value: Value): string | number => {
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "number") return value;
  return value === undefined ? "" : String(value);
};

export function rowsOf<T>(items: readonly T[], columns: Column<T>[], idOf: (item: T) => string): Row<T>[] {
  return items.map((item) => ({
    ...Object.fromEntries(columns.map((column) => [column.id, ofFilter(column.value(item))])),
    $item: item,
    $id: idOf(item),
  }));
}

/** Orders values: numbers by size, text as people do (`job-2` before `job-10`), nothing last. */
export function compare(a: Value, b: Value): number {
  const [left, right] = [a instanceof Date ? a.getTime() : a, b instanceof Date ? b.getTime() : b];
  if (left === undefined || right === undefined)
    return Number(left === undefined) - Number(right === undefined);
  if (typeof left === "number" && typeof right === "number") return left - right;
  return String(left).localeCompare(String(right), undefined, { numeric: true });
}

/** The items of some rows as they are now; those that are gone are left out. */
export function nowOf<T>(rows: readonly Row<T>[], now: readonly Row<T>[]): T[] {
  const ids = new Set(rows.map(({ $id }) => $id));
  return now.filter(({ $id }) => ids.has($id)).map(({ $item }) => $item);
}
