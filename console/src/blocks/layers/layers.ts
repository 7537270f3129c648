/** Something in a picture of what follows what. */
export interface Layered {
  name: string;
  /** What it stands below of. */
  needs: string[];
}

/** How far down each stands: below all that it needs; what needs nothing, right above what needs it. */
export function layersOf(nodes: Layered[]): Map<string, number> {
  const layers = new Map(nodes.map(({ name }) => [name, 0]));
  // Without circles so many rounds as there are nodes are enough for any; with one they end nevertheless.
  for (let round = 0; round < nodes.length; round += 1) {
    let moved = false;
    for (const { name, needs } of nodes) {
      const layer = Math.max(0, ...needs.map((need) => (layers.get(need) ?? -1) + 1));
      moved ||= layer !== layers.get(name);
      layers.set(name, layer);
    }
    if (!moved) break;
  }
  for (const { name, needs } of nodes) {
    const below = nodes
      .filter((other) => other.needs.includes(name))
      .map((other) => layers.get(other.name) ?? 0);
    if (needs.length === 0 && below.length > 0) layers.set(name, Math.max(0, Math.min(...below) - 1));
  }
  return layers;
}

/** What one needs directly: without what one of the others needs already. */
export function direct(nodes: Layered[], node: Layered): string[] {
  const by = new Map(nodes.map((one) => [one.name, one]));
  const implied = new Set<string>();
  const add = (name: string) => {
    for (const need of by.get(name)?.needs ?? []) {
      if (implied.has(need)) continue;
      implied.add(need);
      add(need);
    }
  };
  for (const need of node.needs) add(need);
  return node.needs.filter((need) => !implied.has(need));
}
