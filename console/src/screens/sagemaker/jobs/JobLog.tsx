import { StreamLog } from "../../../blocks/log/StreamLog";
import { hostOf } from "./streams";

/** The log of each host of a job as it comes. */
export function JobLog({ group, streams, running }: { group: string; streams: string[]; running: boolean }) {
  return (
    <StreamLog
      group={group}
      streams={streams}
      labelOf={hostOf}
      empty={running ? "The job has said nothing yet." : "The job said nothing."}
    />
  );
}
