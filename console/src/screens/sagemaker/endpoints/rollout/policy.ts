import type { CapacitySize, DeploymentConfig } from "@aws-sdk/client-sagemaker";
import { areCounts } from "../../../../blocks/formats/numbers";

export type Kind = "ALL_AT_ONCE" | "CANARY" | "LINEAR" | "ROLLING";

/** How an update is to take the traffic over, as it was filled in. */
export interface Policy {
  kind: Kind;
  /** In per cent of the instances. */
  size: string;
  /** Seconds. */
  wait: string;
  terminationWait: string;
  alarms: string[];
}

export const PLAIN: Policy = {
  kind: "ALL_AT_ONCE",
  size: "25",
  wait: "60",
  terminationWait: "0",
  alarms: [],
};

/** Bounds of a size in per cent, and of waits in seconds. Documented: TrafficRoutingConfig, RollingUpdatePolicy. */
const SIZES: Record<Kind, [number, number]> = {
  ALL_AT_ONCE: [0, 100],
  CANARY: [1, 50],
  LINEAR: [10, 50],
  ROLLING: [5, 50],
};
const LONGEST_S = 3600;

/** What is wrong with it, by field; AWS says the rest. */
export function faultsOf({ kind, size, wait, terminationWait }: Policy): { size?: string; wait?: string } {
  const [least, most] = SIZES[kind];
  const sized = kind === "ALL_AT_ONCE" || (areCounts(size) && Number(size) >= least && Number(size) <= most);
  const waits =
    areCounts(wait, terminationWait) && Math.max(Number(wait), Number(terminationWait)) <= LONGEST_S;
  return {
    ...(sized ? {} : { size: `A whole number from ${least} to ${most}.` }),
    ...(waits ? {} : { wait: `Whole seconds, at most ${LONGEST_S}.` }),
  };
}

/** As UpdateEndpoint takes it; nothing for an update all at once that bakes no time and that no alarm watches. */
export function deploymentOf(policy: Policy): DeploymentConfig | undefined {
  const { kind, alarms } = policy;
  const [size, wait, termination] = [policy.size, policy.wait, policy.terminationWait].map(Number) as [
    number,
    number,
    number,
  ];
  const watched = alarms.length > 0 && {
    AutoRollbackConfiguration: { Alarms: alarms.map((AlarmName) => ({ AlarmName })) },
  };
  const share: CapacitySize = { Type: "CAPACITY_PERCENT", Value: size };
  if (kind === "ROLLING")
    return { RollingUpdatePolicy: { MaximumBatchSize: share, WaitIntervalInSeconds: wait }, ...watched };
  if (kind === "ALL_AT_ONCE" && !watched && termination === 0) return undefined;
  return {
    BlueGreenUpdatePolicy: {
      TrafficRoutingConfiguration: {
        Type: kind,
        WaitIntervalInSeconds: wait,
        ...(kind === "CANARY" ? { CanarySize: share } : {}),
        ...(kind === "LINEAR" ? { LinearStepSize: share } : {}),
      },
      TerminationWaitInSeconds: termination,
    },
    ...watched,
  };
}
