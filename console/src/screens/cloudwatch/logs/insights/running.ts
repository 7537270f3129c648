import {
  CloudWatchLogsClient,
  GetQueryResultsCommand,
  type QueryStatistics,
  StartQueryCommand,
  StopQueryCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { aws } from "../../../../aws/client";
import { whileSeen } from "../../../../blocks/log/follow";
import { type Found, foundOf } from "./query";

export interface Answer extends Found {
  status: string;
  statistics: QueryStatistics | undefined;
}

export interface Question {
  groups: string[];
  query: string;
  /** In milliseconds. */
  from: number;
  until: number;
}

const DONE = ["Complete", "Failed", "Cancelled", "Timeout"];
const PAUSE_MS = 300;

/**
 * Asks a question of Logs Insights; one whose `signal` says so is stopped.
 *
 * @param told gets what is known while it runs.
 */
export async function ask(
  { groups, query, from, until }: Question,
  signal: AbortSignal,
  told?: (answer: Answer) => void,
): Promise<Answer> {
  const logs = aws(CloudWatchLogsClient);
  const { queryId } = await logs.send(
    new StartQueryCommand({
      logGroupNames: groups,
      queryString: query,
      startTime: Math.floor(from / 1000),
      endTime: Math.ceil(until / 1000),
    }),
  );
  for (;;) {
    const {
      status = "",
      results = [],
      statistics,
    } = await logs.send(new GetQueryResultsCommand({ queryId }));
    const answer = { status, statistics, ...foundOf(results) };
    if (DONE.includes(status)) return answer;
    if (signal.aborted) {
      await logs.send(new StopQueryCommand({ queryId })).catch(() => undefined);
      throw signal.reason;
    }
    told?.(answer);
    await whileSeen(PAUSE_MS, signal);
  }
}
