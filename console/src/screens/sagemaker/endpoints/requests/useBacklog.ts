import { useMetrics } from "../../../../blocks/charts/useMetrics";

/** How many requests an asynchronous endpoint had in its queue or under way, at most, in the newest minute known. */
export function useBacklog(endpoint: string): number | undefined {
  const wanted = {
    title: endpoint,
    namespace: "AWS/SageMaker",
    metric: "ApproximateBacklogSize",
    dimensions: { EndpointName: endpoint },
    stat: "Maximum",
  };
  const found = useMetrics(`backlog ${endpoint}`, [wanted], { minutes: 5 });
  return found.data?.[0]?.points.at(-1)?.y;
}
