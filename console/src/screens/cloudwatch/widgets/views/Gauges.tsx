import Box from "@cloudscape-design/components/box";
import { shortNumber } from "../../../../blocks/graph/scale";
import { arcTo, pointAt, shareOf, type Value } from "./values";
import "./views.css";

interface Props {
  values: Value[];
  min: number | undefined;
  max: number | undefined;
  marks: { value: number; title: string; color: string }[];
}

/** Numbers between two bounds, on half circles; lines of the widget cross them. */
export function Gauges({ values, min, max, marks }: Props) {
  if (min === undefined || max === undefined || max <= min)
    return (
      <Box color="text-body-secondary">
        A gauge needs the least and the most of its axis: edit the widget.
      </Box>
    );
  return (
    <div className="gauges">
      {values.map(({ id, title, color, value }) => {
        const shown = value === undefined ? "–" : shortNumber(value);
        return (
          <figure key={id}>
            <svg
              viewBox="0 0 200 125"
              role="img"
              aria-label={`${title}: ${shown}, of ${shortNumber(min)} to ${shortNumber(max)}`}
            >
              <path className="ground" d={arcTo(1)} />
              {value !== undefined && <path d={arcTo(shareOf(value, min, max))} style={{ stroke: color }} />}
              {marks.map((mark) => {
                const share = shareOf(mark.value, min, max);
                const [inner, outer] = [pointAt(share, 68), pointAt(share, 92)];
                return (
                  <line
                    key={`${mark.value} ${mark.title}`}
                    x1={inner.x}
                    y1={inner.y}
                    x2={outer.x}
                    y2={outer.y}
                    style={{ stroke: mark.color }}
                  >
                    <title>{`${mark.title} ${mark.value}`}</title>
                  </line>
                );
              })}
              <text className="value" x="100" y="98" textAnchor="middle">
                {shown}
              </text>
              <text x="20" y="122" textAnchor="middle">
                {shortNumber(min)}
              </text>
              <text x="180" y="122" textAnchor="middle">
                {shortNumber(max)}
              </text>
            </svg>
            <figcaption>{title}</figcaption>
          </figure>
        );
      })}
    </div>
  );
}
