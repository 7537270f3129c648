import type { LayerVersionsListItem } from "@aws-sdk/client-lambda";

/** Documented: Lambda quotas. Five layers a function; 50 MB of an archive in a request. */
export const MOST_LAYERS = 5;
export const MOST_ARCHIVE = 50 * 1024 * 1024;

/** `pillow:3` of a layer version's ARN. */
export const shortOf = (arn: string | undefined): string => (arn ?? "").split(":").slice(-2).join(":");

export const runtimesOf = ({ CompatibleRuntimes = [] }: LayerVersionsListItem): string =>
  CompatibleRuntimes.join(", ") || "any";

/** Puts one in another's place; a layer's file hides those of the layers before it. */
export function moved<T>(items: readonly T[], from: number, to: number): T[] {
  if (to < 0 || to >= items.length) return [...items];
  const next = [...items];
  next.splice(to, 0, ...next.splice(from, 1));
  return next;
}

/** Adds a layer version; another version of the same layer gives its place. */
export function withLayer(arns: readonly string[], arn: string): string[] {
  const layer = (one: string) => one.slice(0, one.lastIndexOf(":"));
  return arns.some((one) => layer(one) === layer(arn))
    ? arns.map((one) => (layer(one) === layer(arn) ? arn : one))
    : [...arns, arn];
}
