import Alert from "@cloudscape-design/components/alert";
import { lazy, Suspense } from "react";
import { type Axis, Graph } from "../../../blocks/graph/Graph";
import { Refused } from "../../../blocks/Refused";
import type { Live } from "../../../live/useLive";
import type { Drawn } from "./useEntries";
import { Gauges } from "./views/Gauges";
import { Numbers } from "./views/Numbers";
import { valuesOf } from "./views/values";

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
  /** The numbers of the whole time, where these are to be shown and not the last ones. */
  whole?: Drawn | undefined;
  sparkline?: boolean;
}

/** Metrics as a graph, or as numbers: large, as bars, as a pie, as gauges. */
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
      {drawn && view !== "timeSeries" ? (
        <Values {...props} drawn={drawn} />
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

const Pie = lazy(() => import("./views/Pie"));
const Bars = lazy(() => import("./views/Bars"));

/** One number of each line, in the way that is asked for. */
function Values({
  drawn,
  label,
  view,
  whole,
  sparkline,
  axes,
  marks = [],
  height = 200,
}: Props & { drawn: Drawn }) {
  const values = valuesOf(whole ?? drawn);
  const { min, max } = axes?.left ?? {};
  switch (view) {
    case "pie":
      return (
        <Suspense>
          <Pie label={label} values={values} size={height < 220 ? "small" : "medium"} />
        </Suspense>
      );
    case "bar":
      return (
        <Suspense>
          <Bars label={label} values={values} height={height - 30} {...{ marks, min, max }} />
        </Suspense>
      );
    case "gauge":
      return <Gauges values={values} {...{ marks, min, max }} />;
    default:
      return <Numbers values={values} sparks={sparkline ? drawn.lines : undefined} />;
  }
}
