import { expect, it } from "vitest";
import { BOX, type Chain, type ChainNode, lineOf, pageOf, pictureOf, shortened } from "./chain";

const node = (kind: string, name: string, health: ChainNode["health"] = "ok"): ChainNode => ({
  id: `${kind}/${name}`,
  kind,
  name,
  arn: "",
  status: "",
  health,
  why: "",
  perSecond: null,
});

const link = (from: string, to: string) => ({
  from,
  to,
  relation: "reads",
  action: "",
  role: "",
  allowed: true,
  why: "",
});

const chain: Chain = {
  nodes: [
    node("model", "m"),
    node("bucket", "quiet"),
    node("bucket", "used"),
    node("bucket", "broken", "error"),
  ],
  links: [link("bucket/used", "model/m"), link("bucket/used", "model/gone")],
  hidden: [],
  cut: [],
};

it("puts what is broken first, then what is linked, in the lanes that there are", () => {
  const picture = pictureOf(chain, 0);
  expect(picture.lanes.map(({ title }) => title)).toEqual(["Buckets", "Models"]);
  expect(picture.placed.map(({ node: { name } }) => name)).toEqual(["broken", "used", "quiet", "m"]);
  expect(picture.links).toHaveLength(1); // the other end of the second is not there
});

it("leaves out what does not fit, with the lines that led there", () => {
  const picture = pictureOf(chain, 1);
  expect(picture.lanes.map(({ more }) => more)).toEqual([2, 0]);
  expect(picture.links).toEqual([]);
});

it("shows nothing of nothing", () => {
  expect(pictureOf({ nodes: [], links: [], hidden: [], cut: [] }, 8).placed).toEqual([]);
});

it("draws lines between the sides that face one another", () => {
  const [a, b] = [
    { node: node("bucket", "a"), x: 0, y: 0 },
    { node: node("model", "b"), x: 300, y: 0 },
  ];
  expect(lineOf(a, b).startsWith(`M${BOX.width},`)).toBe(true);
  expect(lineOf(b, a).startsWith("M300,")).toBe(true);
});

it("knows pages, and shortens names", () => {
  expect(pageOf(node("function", "f"))).toEqual(["lambda", "functions", "f"]);
  expect(pageOf(node("transform-job", "t"))).toEqual(["sagemaker", "transform-jobs", "t"]);
  expect(pageOf(node("role", "r"))).toBeUndefined();
  expect(shortened("abcdef", 4)).toBe("abc…");
});
