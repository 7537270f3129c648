/** What came before an entity, or after it: as QueryLineage calls it. */
export type Direction = "Ascendants" | "Descendants";

export interface Edge {
  SourceArn?: string | undefined;
  DestinationArn?: string | undefined;
  AssociationType?: string | undefined;
}

/** How an entity hangs on one that is nearer to where the walk began. */
export interface Tie {
  /** In words, as they stand before the other's name. */
  relation: string;
  other: string;
}

/** Where an entity stands that a walk came to. */
export interface Place {
  arn: string;
  /** How many associations it is away. */
  away: number;
  ties: Tie[];
}

/** Documented (AddAssociation): of `DerivedFrom` the destination is a modification of the source. */
const RELATIONS: Record<Direction, Record<string, string>> = {
  Ascendants: {
    ContributedTo: "contributed to",
    Produced: "produced",
    AssociatedWith: "associated with",
    DerivedFrom: "original of",
    SameAs: "same as",
  },
  Descendants: {
    ContributedTo: "made with",
    Produced: "produced by",
    AssociatedWith: "associated with",
    DerivedFrom: "derived from",
    SameAs: "same as",
  },
};
const UNTOLD: Record<Direction, string> = { Ascendants: "before", Descendants: "after" };

/** The entities that a walk came to by its edges, the nearest first. */
export function placesOf(starts: string[], edges: Edge[], direction: Direction): Place[] {
  const ties = new Map<string, Tie[]>();
  const next = new Map<string, string[]>();
  for (const { SourceArn = "", DestinationArn = "", AssociationType = "" } of edges) {
    const [near, far] =
      direction === "Ascendants" ? [DestinationArn, SourceArn] : [SourceArn, DestinationArn];
    const relation = RELATIONS[direction][AssociationType] ?? UNTOLD[direction];
    ties.set(far, [...(ties.get(far) ?? []), { relation, other: near }]);
    next.set(near, [...(next.get(near) ?? []), far]);
  }
  const away = new Map(starts.map((start) => [start, 0]));
  // A Map goes on to what is set while it is gone through.
  for (const [arn, distance] of away)
    for (const far of next.get(arn) ?? []) if (!away.has(far)) away.set(far, distance + 1);
  return [...away]
    .filter(([, distance]) => distance > 0)
    .map(([arn, distance]) => ({
      arn,
      away: distance,
      ties: (ties.get(arn) ?? []).toSorted((a, b) => (away.get(a.other) ?? 0) - (away.get(b.other) ?? 0)),
    }));
}

/** What each of these follows, as far as it is one of them. */
export function needsOf(starts: string[], before: Place[], after: Place[]): Map<string, string[]> {
  const needs = new Map([...before, ...after].map(({ arn }): [string, string[]] => [arn, []]));
  for (const start of starts) needs.set(start, []);
  const follows = (later: string, earlier: string) => {
    if (needs.has(earlier)) needs.get(later)?.push(earlier);
  };
  for (const { arn, ties } of before) for (const { other } of ties) follows(other, arn);
  for (const { arn, ties } of after) for (const { other } of ties) follows(arn, other);
  return needs;
}
