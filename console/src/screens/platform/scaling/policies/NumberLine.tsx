import { type AdjustmentType, lineOf, type Row, stepsInWords } from "./steps";
import "./line.css";

interface Props {
  rows: Row[];
  type: AdjustmentType;
  /** The alarm's; 0 where none is known, so that the line is of distances from it. */
  threshold: number;
}

/** Which step is taken where the metric is. */
export function NumberLine({ rows, type, threshold }: Props) {
  const { segments, ticks } = lineOf(rows, type, threshold);
  return (
    <div className="number-line" role="img" aria-label={`Steps: ${stepsInWords(rows, type, threshold)}`}>
      {segments.map(({ at, width, text, kind }) => (
        <span
          key={at}
          className={`segment ${kind}`}
          style={{ left: `${at}%`, width: `${width}%` }}
          title={text}
        >
          {text}
        </span>
      ))}
      {ticks.map(({ at, text, isThreshold }) => (
        <span key={text} className={isThreshold ? "tick threshold" : "tick"} style={{ left: `${at}%` }}>
          {text}
        </span>
      ))}
    </div>
  );
}
