import { useEffect, useRef, useState } from "react";
import { type Refusal, refusalOf } from "../../../../aws/refusal";
import { boundsOf, type Range } from "../../../../blocks/graph/range";
import { binFor, countsOf, type Series, seriesOf } from "./query";
import { type Answer, ask } from "./running";

export interface Run {
  from: number;
  until: number;
  answer?: Answer | undefined;
  refusal?: Refusal | undefined;
  /** The lines that it looks at, by time; of what makes numbers by time itself, those. */
  series: Series[];
  /** Whether `series` are counts of lines. */
  counts: boolean;
  busy: boolean;
}

/** Runs queries, one at a time: the next stops the one before. */
export function useQuery() {
  const [run, setRun] = useState<Run>();
  const going = useRef<AbortController>(undefined);
  useEffect(() => () => going.current?.abort(), []);
  const stop = () => {
    going.current?.abort();
    setRun((before) => before && { ...before, busy: false });
  };
  const start = async (groups: string[], query: string, range: Range) => {
    going.current?.abort();
    const control = new AbortController();
    going.current = control;
    const bounds = boundsOf(range, Date.now());
    const change = (part: Partial<Run>) => {
      if (!control.signal.aborted) setRun((before) => before && { ...before, ...part });
    };
    setRun({ ...bounds, series: [], counts: false, busy: true });
    const counting = countsOf(query, binFor(bounds.from, bounds.until));
    // The bars are an extra: what is wrong with the query is said by the query.
    const counted = counting
      ? ask({ groups, query: counting, ...bounds }, control.signal).catch(() => undefined)
      : undefined;
    try {
      const answer = await ask({ groups, query, ...bounds }, control.signal, (known) =>
        change({ answer: known }),
      );
      change({ answer, ...(counting ? {} : { series: seriesOf(answer) }) });
      const bars = await counted;
      if (bars) change({ series: seriesOf(bars), counts: true });
    } catch (error) {
      change({ refusal: refusalOf(error) });
    }
    change({ busy: false });
  };
  return { run, start, stop };
}
