import Box from "@cloudscape-design/components/box";
import { boundsOf, type Range } from "../../../blocks/graph/range";
import { Refused } from "../../../blocks/Refused";
import { useLive } from "../../../live/useLive";
import { ask } from "../logs/insights/running";
import { queryOf } from "./properties";

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
    (signal) => ask({ groups, query, ...boundsOf(range, Date.now()) }, signal),
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
