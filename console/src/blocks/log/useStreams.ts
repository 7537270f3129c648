import {
  CloudWatchLogsClient,
  type LogStream,
  paginateDescribeLogStreams,
} from "@aws-sdk/client-cloudwatch-logs";
import { aws } from "../../aws/client";
import { collect } from "../../aws/collect";
import { isMissing } from "../../aws/refusal";
import { type Live, useLive } from "../../live/useLive";

/** Names of a group's streams that begin with `prefix`, the newest first; none while there is no group yet. */
export function useStreams(group: string, prefix: string, most = 50): Live<string[]> {
  const live = useDescribedStreams(group, prefix, most);
  return { ...live, data: live.data?.map(nameOf) };
}

export const nameOf = (stream: LogStream) => stream.logStreamName ?? "";

/** The same with what else is known of them. */
export function useDescribedStreams(group: string, prefix: string, most = 50): Live<LogStream[]> {
  return useLive(["logs", "streams", group, prefix], async () => {
    const by = prefix
      ? { logStreamNamePrefix: prefix }
      : { orderBy: "LastEventTime" as const, descending: true };
    try {
      return await collect(
        paginateDescribeLogStreams({ client: aws(CloudWatchLogsClient) }, { logGroupName: group, ...by }),
        (page) => page.logStreams,
        most,
      );
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  });
}
