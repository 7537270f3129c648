import {
  CloudWatchLogsClient,
  GetQueryResultsCommand,
  StartQueryCommand,
  StopQueryCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import Box from "@cloudscape-design/components/box";
import { aws } from "../../../aws/client";
import { boundsOf, type Range } from "../../../blocks/graph/range";
import { whileSeen } from "../../../blocks/log/follow";
import { Refused } from "../../../blocks/Refused";
import { useLive } from "../../../live/useLive";
import { queryOf } from "./properties";

interface Found {
  status: string;
  names: string[];
  rows: Record<string, string>[];
}

const DONE = ["Complete", "Failed", "Cancelled", "Timeout"];
const PAUSE_MS = 300;

async function ask(groups: string[], query: string, range: Range, signal: AbortSignal): Promise<Found> {
  const logs = aws(CloudWatchLogsClient);
  const { from, until } = boundsOf(range, Date.now());
  const { queryId } = await logs.send(
    new StartQueryCommand({
      logGroupNames: groups,
      queryString: query,
      startTime: Math.floor(from / 1000),
      endTime: Math.ceil(until / 1000),
    }),
  );
  for (;;) {
    const { status = "", results = [] } = await logs.send(new GetQueryResultsCommand({ queryId }));
    if (DONE.includes(status)) {
      const rows = results.map((row) =>
        Object.fromEntries(row.map(({ field = "", value = "" }) => [field, value])),
      );
      const names = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((name) => name !== "@ptr");
      return { status, names, rows };
    }
    if (signal.aborted) {
      await logs.send(new StopQueryCommand({ queryId })).catch(() => undefined);
      throw signal.reason;
    }
    await whileSeen(PAUSE_MS, signal);
  }
}

interface Props {
  source: unknown;
  range: Range;
  paused: boolean;
  tick: number;
}

/** What a query of Logs Insights finds, as a table. */
export function LogWidget({ source, range, paused, tick }: Props) {
  const { groups, query } = queryOf(source);
  const live = useLive(
    ["logs", "insights", JSON.stringify([groups, query, range]), tick],
    (signal) => ask(groups, query, range, signal),
    { enabled: groups.length > 0 && query !== "" && !paused, keep: true },
  );
  const { data } = live;
  if (groups.length === 0)
    return (
      <Box color="text-body-secondary">The query names no log group: SOURCE 'name' | fields @message</Box>
    );
  return (
    <>
      <Refused of={live.refusal} />
      {data && data.status !== "Complete" && (
        <Box color="text-status-error">The query has {data.status}.</Box>
      )}
      {data && data.rows.length === 0 && <Box color="text-body-secondary">Nothing was found.</Box>}
      {data && data.rows.length > 0 && (
        <table className="rows">
          <thead>
            <tr>
              {data.names.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {data.rows.slice(0, 200).map((row, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows have no name but their place
              <tr key={index}>
                {data.names.map((name) => (
                  <td key={name}>{row[name]}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}
