import type { DeploymentConfig, DescribeEndpointOutput } from "@aws-sdk/client-sagemaker";

/** `/_sagehen/rollout`: docs/console.md. */
export interface Rollout {
  now: string;
  fleets: Fleet[];
  schedule: Schedule | null;
}

export interface Fleet {
  part: "live" | "pending" | "leaving";
  configuration: string;
  /** Of the traffic, 0 to 1; nothing where it is not known. */
  share: number | undefined;
  variants: FleetVariant[];
}

export interface FleetVariant {
  name: string;
  instanceType: string | null;
  desired: number;
  wanted: number;
  states: Partial<Record<"starting" | "ready" | "stopping", number>>;
}

export interface Schedule {
  shares: number[];
  step: number;
  waitSeconds: number;
  terminationWaitSeconds: number;
  until: string | null;
  deadline: string | null;
  rolling: boolean;
}

const MOST_BOXES = 24;

/** Instances as boxes, in the order of their life; those that are wanted and are not there yet are `missing`. */
export function boxesOf({ wanted, states }: FleetVariant): { state: string; count: number }[] {
  const { starting = 0, ready = 0, stopping = 0 } = states;
  const missing = Math.max(0, wanted - starting - ready);
  return Object.entries({ ready, starting, missing, stopping })
    .filter(([, count]) => count > 0)
    .map(([state, count]) => ({ state, count }));
}

/** As many boxes as are drawn of each state: more than some tens say less than a number does. */
export const drawn = (boxes: { state: string; count: number }[]): string[] =>
  boxes.flatMap(({ state, count }) => Array<string>(Math.min(count, MOST_BOXES)).fill(state));

/** Whether there is anything to be seen beside an endpoint in its usual state. */
export const isGoingOn = ({ fleets, schedule }: Rollout): boolean => schedule !== null || fleets.length > 1;

/** Seconds until a time of the platform's own clock, which may run faster than this one. */
export function secondsTo(time: string | null, now: string): number | undefined {
  if (time === null) return undefined;
  return Math.max(0, (Date.parse(time) - Date.parse(now)) / 1000);
}

/** What a rollout waits for, in words. */
export function stageOf({ fleets, schedule, now }: Rollout): string {
  if (!schedule)
    return fleets.some(({ part }) => part === "leaving")
      ? "The old instances answer what they were asked, and go."
      : "No update goes on.";
  const { step, shares } = schedule;
  const percent = (share: number | undefined) => `${Math.round((share ?? 0) * 100)} %`;
  const left = secondsTo(schedule.until, now);
  if (step === 0) return `The new instances come up; then they get ${percent(shares[0])} of the traffic.`;
  const next =
    step < shares.length ? `then ${percent(shares[step])} of the traffic` : "then the old instances go";
  if (left) return `Baking, ${Math.ceil(left)} s more; ${next}.`;
  return `The next instances come up; ${next}.`;
}

/** What DescribeEndpoint alone tells of it, for whom the document is not allowed: no shares, no steps. */
export function told(endpoint: DescribeEndpointOutput): Rollout {
  const of = (
    part: Fleet["part"],
    configuration: string | undefined,
    variants: DescribeEndpointOutput["ProductionVariants"],
  ): Fleet => ({
    part,
    configuration: configuration ?? "",
    share: undefined,
    variants: (variants ?? []).map((variant) => ({
      name: variant.VariantName ?? "",
      instanceType: null,
      desired: variant.DesiredInstanceCount ?? 0,
      wanted: variant.DesiredInstanceCount ?? 0,
      states: { ready: variant.CurrentInstanceCount ?? 0 },
    })),
  });
  const pending = endpoint.PendingDeploymentSummary;
  return {
    now: "",
    fleets: [
      of("live", endpoint.EndpointConfigName, endpoint.ProductionVariants),
      ...(pending ? [of("pending", pending.EndpointConfigName, pending.ProductionVariants)] : []),
    ],
    schedule: null,
  };
}

/** The alarms that take a deployment back. */
export const alarmsOf = (config: DeploymentConfig | undefined): string[] =>
  (config?.AutoRollbackConfiguration?.Alarms ?? []).flatMap(({ AlarmName }) => AlarmName ?? []);
