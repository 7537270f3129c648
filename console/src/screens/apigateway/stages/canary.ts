import type { PatchOperation, Stage } from "@aws-sdk/client-api-gateway";
import { mapPatches, valuePatches } from "../patches";

/** A share of a stage's requests that another deployment gets. */
export interface Canary {
  percent: string;
  deployment: string;
  variables: Record<string, string>;
}

export const canaryOf = (stage: Stage): Canary => ({
  percent: String(stage.canarySettings?.percentTraffic ?? ""),
  deployment: stage.canarySettings?.deploymentId ?? stage.deploymentId ?? "",
  variables: stage.canarySettings?.stageVariableOverrides ?? {},
});

/** Begins a canary, or changes it. */
export function canaryPatches(stage: Stage, wish: Canary): PatchOperation[] {
  const before = canaryOf(stage);
  const old: Record<string, string> = stage.canarySettings
    ? { "/canarySettings/percentTraffic": before.percent, "/canarySettings/deploymentId": before.deployment }
    : {};
  return [
    ...valuePatches(old, {
      "/canarySettings/percentTraffic": wish.percent,
      "/canarySettings/deploymentId": wish.deployment,
    }),
    ...mapPatches("/canarySettings/stageVariableOverrides", before.variables, wish.variables),
  ];
}

/** Gives the whole stage what the canary has, and ends the canary. */
export const PROMOTION: PatchOperation[] = [
  { op: "copy", from: "/canarySettings/deploymentId", path: "/deploymentId" },
  { op: "copy", from: "/canarySettings/stageVariableOverrides", path: "/variables" },
  { op: "remove", path: "/canarySettings" },
];

export const END: PatchOperation[] = [{ op: "remove", path: "/canarySettings" }];
