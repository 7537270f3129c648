import {
  CloudWatchLogsClient,
  type FilteredLogEvent,
  paginateFilterLogEvents,
} from "@aws-sdk/client-cloudwatch-logs";
import Button from "@cloudscape-design/components/button";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { aws } from "../../../aws/client";
import { collect } from "../../../aws/collect";
import { type Refusal, refusalOf } from "../../../aws/refusal";
import { LogView } from "../../../blocks/log/LogView";
import { Refused } from "../../../blocks/Refused";
import { PatternField } from "./PatternField";

const RANGES = [
  { id: "60", text: "1 hour" },
  { id: "1440", text: "1 day" },
  { id: "10080", text: "1 week" },
];

/** Events that a search shows. */
const MOST = 1_000;

/** Finds events of all streams by CloudWatch's own filter patterns. */
export function Search({ group }: { group: string }) {
  const [pattern, setPattern] = useState("");
  const [minutes, setMinutes] = useState("60");
  const [found, setFound] = useState<FilteredLogEvent[]>();
  const [refusal, setRefusal] = useState<Refusal>();
  const [busy, setBusy] = useState(false);
  const search = async () => {
    setBusy(true);
    setRefusal(undefined);
    setFound(undefined);
    const asked = {
      logGroupName: group,
      startTime: Date.now() - Number(minutes) * 60_000,
      ...(pattern ? { filterPattern: pattern } : {}),
    };
    try {
      const pages = paginateFilterLogEvents({ client: aws(CloudWatchLogsClient) }, asked);
      setFound(await collect(pages, (page) => page.events, MOST));
    } catch (error) {
      setRefusal(refusalOf(error));
    }
    setBusy(false);
  };
  const lines = (found ?? []).map(({ timestamp, message, logStreamName }) => ({
    at: timestamp ?? 0,
    text: `${logStreamName}  ${message}`,
  }));
  return (
    <SpaceBetween size="m">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void search();
        }}
      >
        <SpaceBetween direction="horizontal" size="s" alignItems="end">
          <PatternField pattern={pattern} onChange={setPattern} />
          <SegmentedControl
            label="Time"
            selectedId={minutes}
            options={RANGES}
            onChange={({ detail }) => setMinutes(detail.selectedId)}
          />
          <Button variant="primary" loading={busy}>
            Search
          </Button>
        </SpaceBetween>
      </form>
      <Refused of={refusal} />
      <LogView
        log={{ lines, refusal: undefined, cut: lines.length >= MOST }}
        empty={found ? "Nothing was found." : "What is found appears here."}
      />
    </SpaceBetween>
  );
}
