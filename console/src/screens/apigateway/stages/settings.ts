import type { PatchOperation, Stage } from "@aws-sdk/client-api-gateway";
import { mapPatches, valuePatches } from "../patches";

/** Settings of all methods of a stage. */
const ALL = "*/*";

export const LEVELS = [
  { value: "OFF", label: "Nothing" },
  { value: "ERROR", label: "What fails" },
  { value: "INFO", label: "Every step of every request" },
];

/** A stage as a form has it: what is not set is empty. */
export interface Wish {
  deployment: string;
  description: string;
  /** Requests per second, and how many at once beyond; empty where only the account's limits hold. */
  rate: string;
  burst: string;
  /** `OFF`, `ERROR`, `INFO` */
  logs: string;
  /** Whether requests and answers are in the log, whole. */
  bodies: boolean;
  metrics: boolean;
  accessLog: string;
  accessFormat: string;
  variables: Record<string, string>;
}

/** The line of an access log that AWS's console proposes, as JSON. */
export const FORMAT =
  '{"requestId":"$context.requestId","ip":"$context.identity.sourceIp","requestTime":"$context.requestTime",' +
  '"httpMethod":"$context.httpMethod","resourcePath":"$context.resourcePath","status":"$context.status",' +
  '"responseLength":"$context.responseLength"}';

export function wishOf(stage: Stage): Wish {
  const all = stage.methodSettings?.[ALL];
  return {
    deployment: stage.deploymentId ?? "",
    description: stage.description ?? "",
    rate: String(all?.throttlingRateLimit ?? ""),
    burst: String(all?.throttlingBurstLimit ?? ""),
    logs: all?.loggingLevel ?? "OFF",
    bodies: all?.dataTraceEnabled ?? false,
    metrics: all?.metricsEnabled ?? false,
    accessLog: stage.accessLogSettings?.destinationArn ?? "",
    accessFormat: stage.accessLogSettings?.format ?? FORMAT,
    variables: stage.variables ?? {},
  };
}

const members = (wish: Wish) => ({
  "/deploymentId": wish.deployment,
  "/description": wish.description,
  ...(wish.rate ? { [`/${ALL}/throttling/rateLimit`]: wish.rate } : {}),
  ...(wish.burst ? { [`/${ALL}/throttling/burstLimit`]: wish.burst } : {}),
  [`/${ALL}/logging/loglevel`]: wish.logs,
  [`/${ALL}/logging/dataTrace`]: String(wish.bodies),
  [`/${ALL}/metrics/enabled`]: String(wish.metrics),
  ...(wish.accessLog
    ? { "/accessLogSettings/destinationArn": wish.accessLog, "/accessLogSettings/format": wish.accessFormat }
    : {}),
});

/** What UpdateStage is told. */
export function stagePatches(stage: Stage, wish: Wish): PatchOperation[] {
  const before = wishOf(stage);
  const old = members(before);
  return [
    ...(before.accessLog && !wish.accessLog ? [{ op: "remove" as const, path: "/accessLogSettings" }] : []),
    ...valuePatches(old, members(wish)),
    ...mapPatches("/variables", before.variables, wish.variables),
  ];
}

/** Whether AWS asks for the account's role for logs. */
export const isLogged = (wish: Wish): boolean => wish.logs !== "OFF" || wish.accessLog !== "";

/** Whether limits that were set have a value: UpdateStage changes them, and takes none away. */
export function keepsLimits(stage: Stage, wish: Wish): boolean {
  const before = wishOf(stage);
  return (wish.rate !== "" || before.rate === "") && (wish.burst !== "" || before.burst === "");
}
