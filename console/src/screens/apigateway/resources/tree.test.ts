import type { Resource } from "@aws-sdk/client-api-gateway";
import { expect, it } from "vitest";
import { type Branch, chosenOf, treeOf, verbsOf } from "./tree";

const LISTED: Resource[] = [
  { id: "c", parentId: "b", path: "/classify/{model}", resourceMethods: { POST: {} } },
  { id: "b", parentId: "a", path: "/classify", resourceMethods: { OPTIONS: {}, POST: {}, GET: {} } },
  { id: "d", parentId: "a", path: "/about" },
  { id: "a", path: "/" },
];

const shape = ({ resource, children }: Branch): unknown => [resource.path, ...children.map(shape)];

it("makes a tree, whatever the order", () => {
  expect(treeOf(LISTED).map(shape)).toEqual([["/", ["/about"], ["/classify", ["/classify/{model}"]]]]);
});

it("does not lose what has no parent in the list", () => {
  expect(treeOf(LISTED.slice(0, 1)).map(shape)).toEqual([["/classify/{model}"]]);
});

it("orders verbs as people do", () => {
  expect(verbsOf(LISTED[1] ?? {})).toEqual(["GET", "POST", "OPTIONS"]);
});

it("opens what the address names, and the first method where it names nothing that is there", () => {
  const opened = (id: string | null, verb: string | null) => {
    const chosen = chosenOf(LISTED, id, verb);
    return [chosen.resource?.path, chosen.verb];
  };
  expect(opened("c", "POST")).toEqual(["/classify/{model}", "POST"]);
  expect(opened("c", null)).toEqual(["/classify/{model}", undefined]);
  expect(opened("gone", "POST")).toEqual(["/classify", "GET"]);
  expect(chosenOf([{ id: "a", path: "/" }], null, null).resource?.path).toBe("/");
});
