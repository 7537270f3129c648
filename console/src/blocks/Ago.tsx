import { ago, moment } from "./formats/amounts";
import { useNow } from "./useNow";

/** How long ago something was, with the exact time for whoever points at it. */
export function Ago({ at }: { at: Date | undefined }) {
  const now = useNow(5_000);
  if (!at) return <>–</>;
  return (
    <time dateTime={at.toISOString()} title={moment(at)}>
      {ago(at, now)}
    </time>
  );
}
