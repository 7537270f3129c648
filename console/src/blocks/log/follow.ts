import { CloudWatchLogsClient, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { aws } from "../../aws/client";

export interface Line {
  at: number;
  text: string;
}

/** Resolves after a while, or at once when the page comes back into sight; while it is hidden, not at all. */
export function whileSeen(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      if (document.hidden && !signal.aborted) return;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", end);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    document.addEventListener("visibilitychange", end);
    signal.addEventListener("abort", end);
  });
}

/** The pause after a look that found nothing: up to five seconds, so that a line is seen soon. */
export const nextPause = (before: number, found: boolean) => (found ? 400 : Math.min(5_000, before * 1.5));

/**
 * Follows a log stream from its beginning until it is told to stop.
 *
 * @param take gets new lines, oldest first.
 * @param failed gets what a look failed with; it goes on.
 */
export async function follow(
  logGroupName: string,
  logStreamName: string,
  signal: AbortSignal,
  take: (lines: Line[]) => void,
  failed: (error: unknown) => void,
): Promise<void> {
  let token: string | undefined;
  let pause = 400;
  while (!signal.aborted) {
    let found = false;
    try {
      const { events, nextForwardToken } = await aws(CloudWatchLogsClient).send(
        new GetLogEventsCommand({
          logGroupName,
          logStreamName,
          startFromHead: true,
          ...(token ? { nextToken: token } : {}),
        }),
        { abortSignal: signal },
      );
      found = (events?.length ?? 0) > 0;
      if (found)
        take((events ?? []).map(({ timestamp, message }) => ({ at: timestamp ?? 0, text: message ?? "" })));
      // AWS answers with the same token at the end of a stream: that one waits for more.
      token = nextForwardToken ?? token;
    } catch (error) {
      if (!signal.aborted) failed(error);
    }
    pause = nextPause(pause, found);
    await whileSeen(found ? 50 : pause, signal);
  }
}
