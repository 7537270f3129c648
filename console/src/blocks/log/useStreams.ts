import { CloudWatchLogsClient, paginateDescribeLogStreams } from "@aws-sdk/client-cloudwatch-logs";
import { aws } from "../../aws/client";
import { collect } from "../../aws/collect";
import { isMissing } from "../../aws/refusal";
import { type Live, useLive } from "../../live/useLive";

/** Names of a group's streams that begin with `prefix`, the newest first; none while there is no group yet. */
export function useStreams(group: string, prefix: string, most = 50): Live<string[]> {
  return useLive(["logs", "streams", group, prefix], async () => {
    const by = prefix
      ? { logStreamNamePrefix: prefix }
      : { orderBy: "LastEventTime" as const, descending: true };
    try {
      const streams = await collect(
        paginateDescribeLogStreams({ client: aws(CloudWatchLogsClient) }, { logGroupName: group, ...by }),
        (page) => page.logStreams,
        most,
      );
      return streams.map(({ logStreamName }) => logStreamName ?? "");
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  });
}
