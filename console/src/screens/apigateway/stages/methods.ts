import type { MethodSetting, PatchOperation, Resource, Stage } from "@aws-sdk/client-api-gateway";
import { escaped } from "../patches";
import { verbsOf } from "../resources/tree";
import type { Limits } from "./LimitFields";

/** A method as a stage's settings name it. */
export interface Method {
  /** `~1items/GET` */
  key: string;
  /** `GET /items` */
  name: string;
}

/** The methods that can have settings of their own: ANY has none (Developer Guide, Stage settings). */
export const methodsOf = (resources: readonly Resource[]): Method[] =>
  resources
    .toSorted((a, b) => (a.path ?? "").localeCompare(b.path ?? ""))
    .flatMap((resource) =>
      verbsOf(resource)
        .filter((verb) => verb !== "ANY")
        .map((verb) => ({
          key: `${escaped(resource.path ?? "")}/${verb}`,
          name: `${verb} ${resource.path}`,
        })),
    );

/** A key as it is compared: AWS tells `items/GET`, patches name `~1items/GET`. */
const plain = (key: string) => key.replaceAll("~1", "/").replaceAll("~0", "~").replace(/^\/+/, "");

/** What a method of a stage is set to by itself; nothing where it goes by the stage. */
export const settingOf = (stage: Stage, { key }: Method): MethodSetting | undefined =>
  Object.entries(stage.methodSettings ?? {}).find(
    ([known]) => known !== "*/*" && plain(known) === plain(key),
  )?.[1];

/** What a method has now: by itself, by the stage, or by API Gateway's own (documented: MethodSetting). */
export function wishOf(stage: Stage, method: Method): Limits {
  const setting = settingOf(stage, method) ?? stage.methodSettings?.["*/*"];
  return {
    rate: String(setting?.throttlingRateLimit ?? 10_000),
    burst: String(setting?.throttlingBurstLimit ?? 5_000),
    logs: setting?.loggingLevel ?? "OFF",
    bodies: setting?.dataTraceEnabled ?? false,
    metrics: setting?.metricsEnabled ?? false,
  };
}

/** Everything at once: a method that has one setting of its own goes by the stage in none. */
export const ownPatches = ({ key }: Method, wish: Limits): PatchOperation[] =>
  Object.entries({
    "throttling/rateLimit": wish.rate,
    "throttling/burstLimit": wish.burst,
    "logging/loglevel": wish.logs,
    "logging/dataTrace": String(wish.bodies && wish.logs !== "OFF"),
    "metrics/enabled": String(wish.metrics),
  }).map(([member, value]) => ({ op: "replace", path: `/${key}/${member}`, value }));

/** The method goes by the stage again. */
export const stagePatchesFor = ({ key }: Method): PatchOperation[] => [{ op: "remove", path: `/${key}` }];
