import type { PatchOperation } from "@aws-sdk/client-api-gateway";

/** A name as a part of a patch's path (RFC 6901). */
export const escaped = (name: string): string => name.replaceAll("~", "~0").replaceAll("/", "~1");

type Values = Record<string, string>;

/** What makes one map of another: only what differs is touched. */
export function mapPatches(root: string, before: Values, after: Values): PatchOperation[] {
  const gone = Object.keys(before).filter((name) => !(name in after));
  const changed = Object.entries(after).filter(([name, value]) => before[name] !== value);
  return [
    ...gone.map((name) => ({ op: "remove" as const, path: `${root}/${escaped(name)}` })),
    ...changed.map(([name, value]) => ({
      op: name in before ? ("replace" as const) : ("add" as const),
      path: `${root}/${escaped(name)}`,
      value,
    })),
  ];
}

/** What makes single members of others, by their paths; what was not set and is still empty is left alone. */
export const valuePatches = (before: Values, after: Values): PatchOperation[] =>
  Object.entries(after)
    .filter(([path, value]) => (before[path] ?? "") !== value)
    .map(([path, value]) => ({ op: "replace" as const, path, value }));

/** The rows of a form as a map; a row without a name is none. */
export const mapOf = <V>(rows: readonly (readonly [string, V])[]): Record<string, V> =>
  Object.fromEntries(rows.map(([name, value]) => [name.trim(), value] as const).filter(([name]) => name));
