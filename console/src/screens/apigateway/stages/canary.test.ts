import { expect, it } from "vitest";
import { canaryOf, canaryPatches } from "./canary";

it("begins with all that it is", () => {
  const stage = { deploymentId: "d1" };
  expect(canaryPatches(stage, { ...canaryOf(stage), percent: "10" })).toEqual([
    { op: "replace", path: "/canarySettings/percentTraffic", value: "10" },
    { op: "replace", path: "/canarySettings/deploymentId", value: "d1" },
  ]);
});

it("changes what is another", () => {
  const stage = { canarySettings: { percentTraffic: 10, deploymentId: "d2" } };
  expect(canaryPatches(stage, { ...canaryOf(stage), percent: "50", variables: { model: "b" } })).toEqual([
    { op: "replace", path: "/canarySettings/percentTraffic", value: "50" },
    { op: "add", path: "/canarySettings/stageVariableOverrides/model", value: "b" },
  ]);
});
