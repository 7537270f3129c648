import { duration } from "../../../blocks/formats/amounts";
import { useNow } from "../../../blocks/useNow";
import { tookMs } from "./states";

/** How long a job took, or takes so far. */
export function Took({ created, ended }: { created: Date | undefined; ended: Date | undefined }) {
  const now = useNow();
  return <>{duration(tookMs(created, ended, now))}</>;
}
