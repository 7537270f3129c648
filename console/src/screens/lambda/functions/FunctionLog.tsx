import { StreamLog } from "../../../blocks/log/StreamLog";
import { useStreams } from "../../../blocks/log/useStreams";

/** The log of a function's environments, the one that spoke last first. */
export function FunctionLog({ group }: { group: string }) {
  const streams = useStreams(group, "");
  return (
    <StreamLog
      group={group}
      streams={streams.data ?? []}
      labelOf={(stream) => stream.replace(/^\d{4}\/\d\d\/\d\d\//, "").slice(0, 28)}
      empty="It has not been called yet."
    />
  );
}
