import {
  CloudWatchLogsClient,
  type FilteredLogEvent,
  FilterLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { aws } from "../../../aws/client";
import { type Line, nextPause, whileSeen } from "../../../blocks/log/follow";

/** Events may come later than their times say: so far back each look begins. */
const LATE_MS = 10_000;
/** Pages of one look; a flood is seen with gaps rather than late. */
const MOST_PAGES = 5;

/** Events that were not seen yet, oldest first; of those that were, ids are kept as long as a look could find them. */
export class Unseen {
  private seen = new Map<string, number>();
  /** The newest event's time. */
  newest: number;

  constructor(from: number) {
    this.newest = from;
  }

  take(events: FilteredLogEvent[]): FilteredLogEvent[] {
    const fresh = events.filter(({ eventId = "" }) => !this.seen.has(eventId));
    for (const { eventId = "", timestamp = 0 } of fresh) {
      this.seen.set(eventId, timestamp);
      this.newest = Math.max(this.newest, timestamp);
    }
    for (const [id, at] of this.seen) if (at < this.newest - 2 * LATE_MS) this.seen.delete(id);
    return fresh.sort((one, other) => (one.timestamp ?? 0) - (other.timestamp ?? 0));
  }

  get from(): number {
    return this.newest - LATE_MS;
  }
}

/** Follows all streams of a group from now on, until it is told to stop. */
export async function tail(
  logGroupName: string,
  filterPattern: string,
  signal: AbortSignal,
  take: (lines: Line[]) => void,
  failed: (error: unknown) => void,
): Promise<void> {
  const unseen = new Unseen(Date.now() - LATE_MS);
  let pause = 400;
  while (!signal.aborted) {
    let found = false;
    try {
      let nextToken: string | undefined;
      for (let page = 0; page < MOST_PAGES; page += 1) {
        const answer = await aws(CloudWatchLogsClient).send(
          new FilterLogEventsCommand({
            logGroupName,
            startTime: unseen.from,
            ...(filterPattern ? { filterPattern } : {}),
            ...(nextToken ? { nextToken } : {}),
          }),
          { abortSignal: signal },
        );
        const fresh = unseen.take(answer.events ?? []);
        if (fresh.length > 0) {
          found = true;
          take(
            fresh.map(({ timestamp = 0, message, logStreamName }) => ({
              at: timestamp,
              text: `${logStreamName}  ${message}`,
            })),
          );
        }
        nextToken = answer.nextToken;
        if (!nextToken) break;
      }
    } catch (error) {
      if (!signal.aborted) failed(error);
    }
    pause = nextPause(pause, found);
    await whileSeen(Math.min(pause, 2_000), signal);
  }
}
