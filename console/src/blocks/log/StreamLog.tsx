import SegmentedControl from "@cloudscape-design/components/segmented-control";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { LogView } from "./LogView";
import { useLog } from "./useLog";

interface Props {
  group: string;
  streams: string[];
  /** What a stream is called here: a host, rather than `job/algo-1-1690000000`. */
  labelOf: (stream: string) => string;
  empty: string;
}

/** The logs of several hosts, one at a time. */
export function StreamLog({ group, streams, labelOf, empty }: Props) {
  const [chosen, setChosen] = useState<string>();
  const stream = chosen && streams.includes(chosen) ? chosen : streams[0];
  const log = useLog(group, stream);
  const options = streams.map((name) => ({
    id: name,
    value: name,
    text: labelOf(name),
    label: labelOf(name),
  }));
  return (
    <SpaceBetween size="xs">
      {streams.length > 1 && streams.length <= 6 && (
        <SegmentedControl
          label="Host"
          selectedId={stream ?? ""}
          options={options}
          onChange={({ detail }) => setChosen(detail.selectedId)}
        />
      )}
      {streams.length > 6 && (
        <Select
          ariaLabel="Host"
          selectedOption={options.find(({ value }) => value === stream) ?? null}
          options={options}
          onChange={({ detail }) => setChosen(detail.selectedOption.value)}
          filteringType="auto"
        />
      )}
      <LogView log={log} empty={empty} />
    </SpaceBetween>
  );
}
