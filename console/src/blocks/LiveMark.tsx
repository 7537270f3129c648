import Box from "@cloudscape-design/components/box";
import Popover from "@cloudscape-design/components/popover";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { Live } from "../live/useLive";
import { ago } from "./formats/amounts";
import { RefusalText } from "./Refused";
import { useNow } from "./useNow";

/** Says that what is shown is true, or since when it may not be. */
export function LiveMark({ of }: { of: Live<unknown> }) {
  const now = useNow();
  if (of.loading || !of.seenAt) return null;
  if (!of.refusal)
    return (
      <Box color="text-status-success" fontSize="body-s" display="inline">
        ● live
      </Box>
    );
  return (
    <Popover size="medium" header="The last look failed" content={<RefusalText of={of.refusal} />}>
      <StatusIndicator type="warning">seen {ago(new Date(of.seenAt), now)}</StatusIndicator>
    </Popover>
  );
}
