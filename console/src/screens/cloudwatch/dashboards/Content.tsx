import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import type { Range } from "../../../blocks/graph/range";
import { type Entry, entriesOf, NoWidget } from "../widgets/entries";
import { MetricGraph } from "../widgets/MetricGraph";
import { useEntries } from "../widgets/useEntries";
import { AlarmWidget } from "./AlarmWidget";
import type { Widget } from "./body";
import { LogWidget } from "./LogWidget";
import { axesOf, nameOf, notesOf, rangeOf } from "./properties";
import { TextWidget } from "./TextWidget";

interface Props {
  widget: Widget;
  range: Range;
  paused: boolean;
  tick: number;
}

/** What a widget shows. */
export function Content({ widget, range, paused, tick }: Props) {
  const { type, properties } = widget;
  switch (type) {
    case "text":
      return <TextWidget text={properties.markdown} />;
    case "alarm":
      return <AlarmWidget arns={properties.alarms} />;
    case "log":
      return (
        <LogWidget source={properties.query} range={rangeOf(widget, range)} paused={paused} tick={tick} />
      );
    case "metric":
      return <Metrics widget={widget} range={rangeOf(widget, range)} paused={paused} tick={tick} />;
    default:
      return (
        <Box color="text-body-secondary">Widgets of type “{type}” are kept as they are, and not drawn.</Box>
      );
  }
}

function Metrics({ widget, range, paused, tick }: Props) {
  const { properties } = widget;
  const { entries, fault } = read(properties.metrics);
  const stat = typeof properties.stat === "string" ? properties.stat : undefined;
  const own = typeof properties.period === "number" ? properties.period : undefined;
  const live = useEntries(entries, range, { stat, period: own }, paused, tick);
  const view = typeof properties.view === "string" ? properties.view : "timeSeries";
  const isWhole = properties.setPeriodToTimeRange === true && view !== "timeSeries";
  const whole = useEntries(entries, range, { stat, whole: true }, paused || !isWhole, tick);
  if (fault) return <Alert type="warning">{fault}</Alert>;
  // Rows of 46 pixels, without title, legend and edges.
  const height = Math.max(90, widget.height * 46 - 108);
  return (
    <MetricGraph
      label={nameOf(widget)}
      live={live}
      view={view}
      whole={isWhole ? whole.data : undefined}
      sparkline={properties.sparkline === true}
      stacked={properties.stacked === true}
      height={height}
      axes={axesOf(properties)}
      {...notesOf(properties)}
    />
  );
}

function read(metrics: unknown): { entries: Entry[]; fault?: string } {
  try {
    return { entries: entriesOf(metrics) };
  } catch (error) {
    if (error instanceof NoWidget) return { entries: [], fault: error.message };
    throw error;
  }
}
