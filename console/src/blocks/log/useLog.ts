import { useEffect, useState } from "react";
import { type Refusal, refusalOf } from "../../aws/refusal";
import { follow, type Line } from "./follow";

/** Lines that are kept of one stream; the oldest go. */
export const MOST_LINES = 20_000;

export interface Log {
  lines: Line[];
  refusal: Refusal | undefined;
  /** Older lines than these were let go. */
  cut: boolean;
}

const nothing: Log = { lines: [], refusal: undefined, cut: false };

/** The lines of a log stream, live; nothing while there is no stream. */
export function useLog(group: string, stream: string | undefined): Log {
  const [log, setLog] = useState<Log>(nothing);
  useEffect(() => {
    setLog(nothing);
    if (!stream) return;
    const controller = new AbortController();
    void follow(
      group,
      stream,
      controller.signal,
      (lines) =>
        setLog((before) => {
          const all = before.lines.concat(lines);
          return {
            lines: all.slice(-MOST_LINES),
            refusal: undefined,
            cut: before.cut || all.length > MOST_LINES,
          };
        }),
      (error) => setLog((before) => ({ ...before, refusal: refusalOf(error) })),
    );
    return () => controller.abort();
  }, [group, stream]);
  return log;
}
