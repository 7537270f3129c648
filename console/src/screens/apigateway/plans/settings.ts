import type { QuotaSettings, ThrottleSettings, UsagePlan } from "@aws-sdk/client-api-gateway";

/** `2/s, bursts of 5`. */
export const throttleOf = (throttle: ThrottleSettings | undefined): string =>
  throttle?.rateLimit === undefined && throttle?.burstLimit === undefined
    ? "none"
    : `${throttle.rateLimit ?? 0}/s, bursts of ${throttle.burstLimit ?? 0}`;

/** `1000 a day`. */
export const quotaOf = (quota: QuotaSettings | undefined): string =>
  quota?.limit === undefined ? "none" : `${quota.limit} a ${(quota.period ?? "DAY").toLowerCase()}`;

/** A plan's limits as they are typed; what is empty is no limit. */
export interface Limits {
  rate: string;
  burst: string;
  quota: string;
  period: string;
}

export const limitsOf = ({ throttle, quota }: UsagePlan): Limits => ({
  rate: throttle?.rateLimit?.toString() ?? "",
  burst: throttle?.burstLimit?.toString() ?? "",
  quota: quota?.limit?.toString() ?? "",
  period: quota?.period ?? "DAY",
});

interface Patch {
  op: "replace" | "remove";
  path: string;
  value?: string;
}

/** What UpdateUsagePlan is to be told so that the limits before become those after; nothing where they are the same. */
export function patchesOf(before: Limits, after: Limits): Patch[] {
  const patches: Patch[] = [];
  if (after.rate !== before.rate || after.burst !== before.burst)
    if (after.rate === "" && after.burst === "") patches.push({ op: "remove", path: "/throttle" });
    else
      patches.push(
        { op: "replace", path: "/throttle/rateLimit", value: after.rate || "0" },
        { op: "replace", path: "/throttle/burstLimit", value: after.burst || "0" },
      );
  if (after.quota !== before.quota || (after.quota !== "" && after.period !== before.period))
    if (after.quota === "") patches.push({ op: "remove", path: "/quota" });
    else
      patches.push(
        { op: "replace", path: "/quota/limit", value: after.quota },
        { op: "replace", path: "/quota/period", value: after.period },
      );
  return patches;
}
