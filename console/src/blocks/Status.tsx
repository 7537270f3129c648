import StatusIndicator, { type StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";

type Kind = StatusIndicatorProps.Type;

const KINDS: [RegExp, Kind][] = [
  [/^running$/i, "success"],
  [/fail|unhealthy|alarm|error|rejected|impaired/i, "error"],
  [/in ?progress$|^(stopping|deleting|shutting-down)$|ing$/i, "in-progress"],
  [/pending|waiting|queued/i, "pending"],
  [/stopped|terminated|inactive|disabled|suspended|cancel/i, "stopped"],
  [/insufficient|warn|out of service|outofservice|rollback/i, "warning"],
];

/** The colour and the sign of a status, by AWS's word for it. */
export function kindOf(status: string): Kind {
  return KINDS.find(([pattern]) => pattern.test(status))?.[1] ?? "success";
}

/** `InProgress` → `In progress`. */
export const inWords = (status: string) =>
  status
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .replace(/[_-]/g, " ")
    .toLowerCase()
    .replace(/^./, (first) => first.toUpperCase());

export function Status({ of }: { of: string | undefined }) {
  if (!of) return <>–</>;
  return <StatusIndicator type={kindOf(of.replace(/_/g, " "))}>{inWords(of)}</StatusIndicator>;
}
