import type { Stage } from "@aws-sdk/client-api-gateway";
import { expect, it } from "vitest";
import { isLogged, keepsLimits, stagePatches, wishOf } from "./settings";

const stage: Stage = { stageName: "prod", deploymentId: "d1", variables: { model: "a" } };

it("asks for nothing where nothing changes", () => expect(stagePatches(stage, wishOf(stage))).toEqual([]));

it("asks for what is another alone", () => {
  const wish = { ...wishOf(stage), rate: "5", logs: "INFO", variables: { model: "b", k: "1" } };
  expect(isLogged(wish)).toBe(true);
  expect(stagePatches(stage, wish)).toEqual([
    { op: "replace", path: "/*/*/throttling/rateLimit", value: "5" },
    { op: "replace", path: "/*/*/logging/loglevel", value: "INFO" },
    { op: "replace", path: "/variables/model", value: "b" },
    { op: "add", path: "/variables/k", value: "1" },
  ]);
});

it("begins and ends access logs", () => {
  const logged = { ...stage, accessLogSettings: { destinationArn: "arn:g", format: "$context.requestId" } };
  const off = stagePatches(logged, { ...wishOf(logged), accessLog: "" });
  expect(off).toEqual([{ op: "remove", path: "/accessLogSettings" }]);
  const paths = stagePatches(stage, { ...wishOf(stage), accessLog: "arn:g" }).map(({ path }) => path);
  expect(paths).toEqual(["/accessLogSettings/destinationArn", "/accessLogSettings/format"]);
});

it("does not drop that somebody wants no limit any more", () => {
  const limited = {
    ...stage,
    methodSettings: { "*/*": { throttlingRateLimit: 5, throttlingBurstLimit: 5 } },
  };
  expect(keepsLimits(limited, wishOf(limited))).toBe(true);
  expect(keepsLimits(limited, { ...wishOf(limited), rate: "" })).toBe(false);
  expect(keepsLimits(stage, wishOf(stage))).toBe(true);
});
