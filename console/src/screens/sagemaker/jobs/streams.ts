import type { LogStream } from "@aws-sdk/client-cloudwatch-logs";

/** `job/algo-1-1690000000` → `algo-1`; `job/i-0a1-1690000000/data-log` → `i-0a1 data-log`. */
export function hostOf(stream: string): string {
  const [, host = stream, below] = stream.split("/");
  const name = host.replace(/-\d{9,}$/, "");
  return below ? `${name} ${below}` : name;
}

/** Streams by their hosts' names, as people count: `algo-2` before `algo-10`. */
export const inOrder = (streams: string[] | undefined): string[] =>
  (streams ?? []).toSorted((a, b) => a.localeCompare(b, undefined, { numeric: true }));

/** The hosts of a job: `algo-1`, `algo-2`, … Metrics are by these names, whatever its streams are called. */
export const hostsOf = (count: number | undefined): string[] =>
  Array.from({ length: count ?? 1 }, (_, index) => `algo-${index + 1}`);

/** How many hosts have said something: one may have several streams. */
export const hostsIn = (streams: string[]): number =>
  new Set(streams.map((stream) => stream.split("/")[1])).size;

/** Those of the job that was made then: one of the same name that was deleted before has left its streams. */
export const since = (streams: LogStream[] | undefined, created: Date | undefined): LogStream[] =>
  (streams ?? []).filter(({ creationTime = 0 }) => !created || creationTime >= created.getTime() - 1_000);
