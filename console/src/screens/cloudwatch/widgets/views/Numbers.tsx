import Box from "@cloudscape-design/components/box";
import type { GraphLine } from "../../../../blocks/graph/Graph";
import { shortNumber } from "../../../../blocks/graph/scale";
import { sparkOf, type Value } from "./values";
import "./views.css";

interface Props {
  values: Value[];
  /** Their time, as small lines below them. */
  sparks?: GraphLine[] | undefined;
}

/** Numbers, large. */
export function Numbers({ values, sparks }: Props) {
  return (
    <div className="numbers">
      {values.map(({ id, title, color, value }) => {
        const spark = sparkOf(sparks?.find((line) => line.id === id)?.points ?? []);
        return (
          <div key={id}>
            <Box variant="awsui-key-label">
              <span className="swatch" style={{ background: color }} />
              {title}
            </Box>
            <strong>{value === undefined ? "–" : shortNumber(value)}</strong>
            {spark && (
              <svg className="spark" viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true">
                <path d={spark} style={{ stroke: color }} />
              </svg>
            )}
          </div>
        );
      })}
    </div>
  );
}
