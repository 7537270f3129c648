import Box from "@cloudscape-design/components/box";
import PieChart from "@cloudscape-design/components/pie-chart";
import { shortNumber } from "../../../../blocks/graph/scale";
import { sharesOf, type Value } from "./values";

interface Props {
  label: string;
  values: Value[];
  size: "small" | "medium";
}

/** What each is of all. */
export default function Pie({ label, values, size }: Props) {
  const shares = sharesOf(values);
  return (
    <PieChart
      data={shares}
      size={size}
      variant="donut"
      hideFilter
      hideDescriptions
      hideTitles
      ariaLabel={label}
      innerMetricValue={shortNumber(shares.reduce((sum, { value }) => sum + value, 0))}
      detailPopoverContent={({ value, percent }) => [
        { key: "Value", value: shortNumber(value) },
        { key: "Of all", value: `${percent.toFixed(1)} %` },
      ]}
      i18nStrings={{ chartAriaRoleDescription: "pie chart", detailPopoverDismissAriaLabel: "Close" }}
      empty={<Box color="text-body-secondary">Nothing above zero was measured in this time.</Box>}
    />
  );
}
