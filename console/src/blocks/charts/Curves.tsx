import Box from "@cloudscape-design/components/box";
import LineChart, { type LineChartProps } from "@cloudscape-design/components/line-chart";

export interface Curve<X> {
  title: string;
  points: { x: X; y: number }[];
}

interface Props<X extends number | Date> {
  curves: Curve<X>[];
  xTitle?: string;
  yTitle?: string;
  /** `time` for dates, `linear` for seconds, steps, amounts. */
  scale: "time" | "linear";
  formatX?: (x: X) => string;
  formatY?: (y: number) => string;
  height?: number;
  /** From where to where the axis goes, for pictures below one another; from the first point to the last without it. */
  domain?: [X, X];
  /** Flat lines over the whole picture: a target, a limit. */
  lines?: { title: string; value: number }[];
  empty: string;
  label: string;
}

const short = (value: number) =>
  Math.abs(value) >= 10_000 || (value !== 0 && Math.abs(value) < 0.001)
    ? value.toExponential(1)
    : String(Number(value.toPrecision(4)));

/** `14:05`; with the day where there are several. */
export function tickOf(at: Date, spanMs: number): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const time = `${two(at.getHours())}:${two(at.getMinutes())}`;
  return spanMs > 86_400_000 ? `${two(at.getMonth() + 1)}-${two(at.getDate())} ${time}` : time;
}

/** Lines over time, or over anything else that grows. */
export function Curves<X extends number | Date>(props: Props<X>) {
  const { curves, scale, formatX, formatY = short, height = 200 } = props;
  const seen = curves.filter((curve) => curve.points.length > 0);
  const xs = seen.flatMap((curve) => curve.points.map((point) => Number(point.x)));
  const bounds =
    props.domain?.map(Number) ?? (xs.length > 0 ? [Math.min(...xs), Math.max(...xs)] : undefined);
  const domain = bounds?.map((x) => (scale === "time" ? new Date(x) : x)) as
    | LineChartProps<X>["xDomain"]
    | undefined;
  const span = bounds ? (bounds[1] ?? 0) - (bounds[0] ?? 0) : 0;
  return (
    <LineChart<X>
      series={[
        ...seen.map((curve) => seriesOf(curve, formatY)),
        ...(seen.length > 0 ? (props.lines ?? []) : []).map(({ title, value }) => ({
          type: "threshold" as const,
          title,
          y: value,
          valueFormatter: formatY,
        })),
      ]}
      {...(domain && bounds?.[0] !== bounds?.[1] ? { xDomain: domain } : {})}
      xScaleType={scale}
      height={height}
      hideFilter
      hideLegend={seen.length + (props.lines?.length ?? 0) < 2}
      ariaLabel={props.label}
      {...(props.xTitle ? { xTitle: props.xTitle } : {})}
      {...(props.yTitle ? { yTitle: props.yTitle } : {})}
      i18nStrings={{
        xTickFormatter: formatX ?? ((x: X) => (x instanceof Date ? tickOf(x, span) : short(Number(x)))),
        yTickFormatter: formatY,
        chartAriaRoleDescription: "line chart",
      }}
      empty={<Box color="text-body-secondary">{props.empty}</Box>}
    />
  );
}

function seriesOf<X extends number | Date>(curve: Curve<X>, formatY: (y: number) => string) {
  const series = { type: "line", title: curve.title, data: curve.points, valueFormatter: formatY } as const;
  return series as unknown as LineChartProps<X>["series"][number]; // its type distributes over X, which is one here
}
