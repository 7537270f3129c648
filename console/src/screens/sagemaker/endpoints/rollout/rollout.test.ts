import { expect, it } from "vitest";
import { deploymentOf, faultsOf, PLAIN } from "./policy";
import { boxesOf, drawn, isGoingOn, type Rollout, stageOf, told } from "./rollout";

const variant = { name: "a", instanceType: "ml.m5.large", desired: 4, wanted: 4 };
const canary = {
  shares: [0.25, 1],
  waitSeconds: 60,
  terminationWaitSeconds: 30,
  deadline: null,
  rolling: false,
};
const now = "2026-11-29T09:00:00Z";
const rollout = (step: number, until: string | null): Rollout => ({
  now,
  fleets: [],
  schedule: { ...canary, step, until },
});

it("draws what is there, what comes and what is missing", () => {
  const boxes = boxesOf({ ...variant, states: { ready: 1, starting: 2, stopping: 1 } });
  expect(boxes.map(({ state, count }) => `${count} ${state}`)).toEqual([
    "1 ready",
    "2 starting",
    "1 missing",
    "1 stopping",
  ]);
  expect(drawn([{ state: "ready", count: 1000 }])).toHaveLength(24);
});

it.each([
  [rollout(0, null), /come up; then they get 25 %/],
  [rollout(1, "2026-11-29T09:00:41.2Z"), /Baking, 42 s more; then 100 %/],
  [rollout(2, "2026-11-29T09:00:05Z"), /Baking, 5 s more; then the old instances go/],
  [rollout(1, null), /next instances come up; then 100 %/],
  [
    {
      now,
      fleets: [{ part: "leaving" as const, configuration: "", share: 0, variants: [] }],
      schedule: null,
    },
    /and go/,
  ],
])("says what it waits for (%#)", (seen, words) => expect(stageOf(seen)).toMatch(words));

it("makes do with DescribeEndpoint", () => {
  const seen = told({
    EndpointName: "e",
    EndpointArn: "",
    EndpointStatus: "Updating",
    CreationTime: new Date(),
    LastModifiedTime: new Date(),
    EndpointConfigName: "old",
    ProductionVariants: [{ VariantName: "a", CurrentInstanceCount: 1, DesiredInstanceCount: 2 }],
    PendingDeploymentSummary: {
      EndpointConfigName: "new",
      ProductionVariants: [{ VariantName: "a", CurrentInstanceCount: 0, DesiredInstanceCount: 2 }],
    },
  });
  expect(seen.fleets.map(({ part, configuration }) => [part, configuration])).toEqual([
    ["live", "old"],
    ["pending", "new"],
  ]);
  expect(isGoingOn(seen)).toBe(true);
});

it("asks UpdateEndpoint for what was chosen", () => {
  expect(deploymentOf(PLAIN)).toBeUndefined();
  expect(deploymentOf({ ...PLAIN, alarms: ["a"] })).toMatchObject({
    AutoRollbackConfiguration: { Alarms: [{ AlarmName: "a" }] },
    BlueGreenUpdatePolicy: { TrafficRoutingConfiguration: { Type: "ALL_AT_ONCE" } },
  });
  expect(deploymentOf({ ...PLAIN, kind: "CANARY" })?.BlueGreenUpdatePolicy).toEqual({
    TrafficRoutingConfiguration: {
      Type: "CANARY",
      WaitIntervalInSeconds: 60,
      CanarySize: { Type: "CAPACITY_PERCENT", Value: 25 },
    },
    TerminationWaitInSeconds: 0,
  });
  expect(
    deploymentOf({ ...PLAIN, kind: "ROLLING", size: "50" })?.RollingUpdatePolicy?.MaximumBatchSize?.Value,
  ).toBe(50);
});

it.each([
  [{ kind: "CANARY" as const, size: "60" }, ["size"]],
  [{ kind: "LINEAR" as const, size: "12.5" }, ["size"]],
  [{ kind: "ALL_AT_ONCE" as const, size: "" }, []],
  [{ wait: "3601" }, ["wait"]],
  [{ terminationWait: "x" }, ["wait"]],
])("%j lacks %j", (filled, faults) => expect(Object.keys(faultsOf({ ...PLAIN, ...filled }))).toEqual(faults));
