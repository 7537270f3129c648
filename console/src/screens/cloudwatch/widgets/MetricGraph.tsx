import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import { type Axis, Graph } from "../../../blocks/graph/Graph";
import { shortNumber } from "../../../blocks/graph/scale";
import { Refused } from "../../../blocks/Refused";
import type { Live } from "../../../live/useLive";
import type { Drawn } from "./useEntries";

interface Props {
  label: string;
  live: Live<Drawn>;
  height?: number | undefined;
  view?: string | undefined;
  stacked?: boolean;
  axes?: { left?: Axis; right?: Axis };
  marks?: { value: number; title: string; color: string; side: "left" | "right" }[];
  moments?: { at: number; title: string }[];
  legend?: boolean;
}

/** Metrics as a graph, or as their last numbers. */
export function MetricGraph(props: Props) {
  const { live, label, view = "timeSeries" } = props;
  const drawn = live.data;
  return (
    <>
      <Refused of={live.refusal} />
      {drawn?.messages.map((text) => (
        <Alert key={text} type="warning">
          {text}
        </Alert>
      ))}
      {view === "singleValue" && drawn ? (
        <div className="numbers">
          {drawn.lines.map((line) => (
            <div key={line.id}>
              <Box variant="awsui-key-label">
                <span className="swatch" style={{ background: line.color }} />
                {line.title}
              </Box>
              <strong>{shortValue(line.points.at(-1)?.y)}</strong>
            </div>
          ))}
        </div>
      ) : (
        <Graph
          label={label}
          lines={drawn?.lines ?? []}
          from={drawn?.from ?? 0}
          until={drawn?.until ?? 1}
          stacked={props.stacked ?? false}
          empty={live.loading ? "Looking …" : "Nothing was measured in this time."}
          {...(props.height ? { height: props.height } : {})}
          {...(props.axes ? { axes: props.axes } : {})}
          {...(props.marks ? { marks: props.marks } : {})}
          {...(props.moments ? { moments: props.moments } : {})}
          {...(props.legend === undefined ? {} : { legend: props.legend })}
        />
      )}
    </>
  );
}

const shortValue = (value: number | undefined) => (value === undefined ? "–" : shortNumber(value));
