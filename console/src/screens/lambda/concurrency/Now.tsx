import Box from "@cloudscape-design/components/box";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import { useMetrics } from "../../../blocks/charts/useMetrics";

/** The largest number of executions at once of the last minutes, against what may be. */
export function Now({ name, limit }: { name: string; limit: number | undefined }) {
  const live = useMetrics(
    `concurrent ${name}`,
    [
      {
        title: "concurrent",
        namespace: "AWS/Lambda",
        metric: "ConcurrentExecutions",
        dimensions: { FunctionName: name },
        stat: "Maximum",
      },
    ],
    { minutes: 2 },
  );
  const most = Math.max(0, ...(live.data?.[0]?.points ?? []).map((point) => point.y));
  if (limit === undefined) return null;
  return (
    <>
      <ProgressBar
        label="At once in the last two minutes"
        value={limit > 0 ? Math.min(100, (100 * most) / limit) : 0}
        description={`${most} of ${limit}`}
      />
      {limit === 0 && <Box color="text-status-error">All calls are refused: 0 executions are reserved.</Box>}
    </>
  );
}
