import { numberIn, type Request } from "../../../blocks/request/put";

export type Site = "endpoint" | "function";

/** One line of settings to be compared; what is empty is left out. */
export interface CandidateWish {
  name: string;
  /** A number that stays: of instances, or of what is kept warm. */
  fixed: string;
  reserved: string;
  target: string;
  min: string;
  max: string;
}

/** A plan as it is filled in; docs/rehearse.md has its members. */
export interface Wish {
  site: Site;
  traffic: string;
  p50: string;
  p99: string;
  instanceType: string;
  concurrency: string;
  startup: string;
  memory: string;
  coldStart: string;
  candidates: CandidateWish[];
  objective: string;
}

export const NO_CANDIDATE: CandidateWish = {
  name: "",
  fixed: "",
  reserved: "",
  target: "",
  min: "",
  max: "",
};

export const FIRST: Wish = {
  site: "endpoint",
  traffic: "0.5 for 30m, ramp 0.5 to 4 for 15m, 4 for 30m, 0.5 for 45m",
  p50: "350ms",
  p99: "900ms",
  instanceType: "ml.m5.large",
  concurrency: "1",
  startup: "4m",
  memory: "1024MB",
  coldStart: "1200ms",
  candidates: [
    { ...NO_CANDIDATE, name: "one", fixed: "1" },
    { ...NO_CANDIDATE, name: "follows", target: "40", min: "1", max: "6" },
  ],
  objective: "p99 <= 5s",
};

const filled = (members: Record<string, unknown>): Request =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== "" && value !== undefined));

/** The plan as `sagehen rehearse` takes it; without candidates it searches for some. */
export function planOf(wish: Wish): Request {
  const takes = { p50: wish.p50, p99: wish.p99 };
  const isEndpoint = wish.site === "endpoint";
  const site = isEndpoint
    ? {
        endpoint: filled({
          instance_type: wish.instanceType,
          service_time: takes,
          concurrency: numberIn(wish.concurrency),
          startup: wish.startup,
        }),
      }
    : { function: filled({ memory: wish.memory, duration: takes, cold_start: wish.coldStart }) };
  const candidates = wish.candidates.map(({ name, fixed, reserved, target, min, max }) =>
    filled({
      name,
      [isEndpoint ? "instances" : "provisioned"]: numberIn(fixed),
      reserved: isEndpoint ? "" : numberIn(reserved),
      target: numberIn(target),
      min: numberIn(min),
      max: numberIn(max),
    }),
  );
  return {
    traffic: wish.traffic,
    ...site,
    ...(candidates.length > 0 ? { candidates } : {}),
    ...(wish.objective ? { objective: wish.objective } : {}),
  };
}

/** Requests a second, period by period, as traffic of a plan: equal neighbours are one piece. */
export function trafficOf(points: { x: Date; y: number }[], periodSeconds: number): string {
  const pieces: { rate: string; seconds: number }[] = [];
  for (const { y } of points) {
    const rate = String(Number((y / periodSeconds).toPrecision(3)));
    const last = pieces.at(-1);
    if (last?.rate === rate) last.seconds += periodSeconds;
    else pieces.push({ rate, seconds: periodSeconds });
  }
  return pieces.map(({ rate, seconds }) => `${rate} for ${seconds / 60}m`).join(", ");
}
