import { nameOf, useDescribedStreams } from "../../../blocks/log/useStreams";
import { inOrder, since } from "./streams";

/** Names of the streams of a job by its hosts' order; before it is known when it was created, of all of that name. */
export function useJobStreams(group: string, name: string, created: Date | undefined): string[] {
  const streams = useDescribedStreams(group, `${name}/`).data;
  return inOrder(since(streams, created).map(nameOf));
}
