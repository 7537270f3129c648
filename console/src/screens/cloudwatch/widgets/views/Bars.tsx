import BarChart from "@cloudscape-design/components/bar-chart";
import Box from "@cloudscape-design/components/box";
import { shortNumber } from "../../../../blocks/graph/scale";
import type { Value } from "./values";

interface Props {
  label: string;
  values: Value[];
  height: number;
  marks: { value: number; title: string; color: string }[];
  min: number | undefined;
  max: number | undefined;
}

/** Numbers beside one another, as bars. */
export default function Bars({ label, values, height, marks, min, max }: Props) {
  const known = values.filter(({ value }) => value !== undefined);
  return (
    <BarChart
      series={[
        // A bar's colour is its series': each number is one of its own, with a value at its own place alone.
        ...known.map(({ title, color, value }) => ({
          title,
          type: "bar" as const,
          color,
          data: [{ x: title, y: value ?? 0 }],
          valueFormatter: shortNumber,
        })),
        ...marks.map(({ value, title, color }) => ({
          title: title || shortNumber(value),
          type: "threshold" as const,
          color,
          y: value,
        })),
      ]}
      xDomain={known.map(({ title }) => title)}
      {...(min !== undefined && max !== undefined && max > min ? { yDomain: [min, max] } : {})}
      xScaleType="categorical"
      stackedBars
      horizontalBars
      hideFilter
      hideLegend
      height={height}
      ariaLabel={label}
      i18nStrings={{ yTickFormatter: shortNumber, chartAriaRoleDescription: "bar chart" }}
      empty={<Box color="text-body-secondary">Nothing was measured in this time.</Box>}
    />
  );
}
