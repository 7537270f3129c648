import type { Resource } from "@aws-sdk/client-api-gateway";

/** A resource with those below it. */
export interface Branch {
  resource: Resource;
  children: Branch[];
}

/** In the order in which people say them; others after. */
const VERBS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY"];

/** The verbs that a resource has. */
export const verbsOf = (resource: Resource): string[] =>
  Object.keys(resource.resourceMethods ?? {}).toSorted((a, b) => VERBS.indexOf(a) - VERBS.indexOf(b));

/** Makes a tree of what GetResources lists in no order; one whose parent is not there stands at the top. */
export function treeOf(resources: readonly Resource[]): Branch[] {
  const branches = new Map(
    resources.map((resource) => [resource.id, { resource, children: [] as Branch[] }]),
  );
  const tops: Branch[] = [];
  const ordered = [...branches.values()].toSorted((a, b) =>
    (a.resource.path ?? "").localeCompare(b.resource.path ?? ""),
  );
  for (const branch of ordered) (branches.get(branch.resource.parentId)?.children ?? tops).push(branch);
  return tops;
}

/** The resource and the method that an address names; the first method where it names none. */
export function chosenOf(
  resources: readonly Resource[],
  id: string | null,
  verb: string | null,
): { resource: Resource | undefined; verb: string | undefined } {
  const named = resources.find((resource) => resource.id === id);
  if (named) return { resource: named, verb: verbsOf(named).find((one) => one === verb) };
  const first = resources
    .toSorted((a, b) => (a.path ?? "").localeCompare(b.path ?? ""))
    .find((resource) => verbsOf(resource).length > 0);
  const resource = first ?? resources.find(({ path }) => path === "/");
  return { resource, verb: resource && verbsOf(resource)[0] };
}
