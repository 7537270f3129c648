import { describe, expect, it } from "vitest";
import { type Direction, type Edge, needsOf, placesOf } from "./graph";

const edge = (SourceArn: string, AssociationType: string | undefined, DestinationArn: string): Edge => ({
  SourceArn,
  AssociationType,
  DestinationArn,
});

const EDGES = [
  edge("data", "ContributedTo", "job"),
  edge("image", "ContributedTo", "job"),
  edge("job", "Produced", "archive"),
  edge("archive", "ContributedTo", "deployment"),
  edge("image", "ContributedTo", "deployment"),
  edge("deployment", "AssociatedWith", "endpoint"),
];

const walked = (start: string, direction: Direction, edges = EDGES) =>
  placesOf([start], edges, direction).map(({ arn, away, ties }) =>
    [away, arn, ...ties.map(({ relation, other }) => `${relation} ${other}`)].join(", "),
  );

describe("what came before an endpoint", () => {
  it("is told the nearest first, with all that it had a part in", () => {
    expect(walked("endpoint", "Ascendants")).toEqual([
      "1, deployment, associated with endpoint",
      "2, archive, contributed to deployment",
      "2, image, contributed to deployment, contributed to job",
      "3, job, produced archive",
      "4, data, contributed to job",
    ]);
  });
});

describe("what came of data", () => {
  it("is told from the other end of each association", () => {
    const edges = EDGES.filter(({ SourceArn }) => SourceArn !== "image");
    expect(walked("data", "Descendants", edges)).toEqual([
      "1, job, made with data",
      "2, archive, produced by job",
      "3, deployment, made with archive",
      "4, endpoint, associated with deployment",
    ]);
  });

  it("is what is derived from it, or follows it in a way that nobody told", () => {
    const edges = [edge("data", "DerivedFrom", "digest"), edge("data", undefined, "report")];
    expect(walked("data", "Descendants", edges)).toEqual([
      "1, digest, derived from data",
      "1, report, after data",
    ]);
    expect(walked("digest", "Ascendants", edges.slice(0, 1))).toEqual(["1, data, original of digest"]);
  });

  it("ends where it goes in a circle, and is nothing where nothing is associated", () => {
    expect(walked("a", "Descendants", [edge("a", "SameAs", "b"), edge("b", "SameAs", "a")])).toEqual([
      "1, b, same as a",
    ]);
    expect(walked("a", "Descendants", [])).toEqual([]);
  });
});

describe("the picture of an archive", () => {
  it("has it between what is before and what is after, without what there was no room for", () => {
    const [job, ...left] = placesOf(["archive"], EDGES, "Ascendants");
    expect(left.map(({ arn }) => arn)).toEqual(["data", "image"]);
    const needs = needsOf(["archive"], job ? [job] : [], placesOf(["archive"], EDGES, "Descendants"));
    expect(Object.fromEntries(needs)).toEqual({
      job: [],
      archive: ["job"],
      deployment: ["archive"],
      endpoint: ["deployment"],
    });
  });
});
