import { type Axis, axisOf, type Trial } from "./trials";

interface Props {
  trials: Trial[];
  objective: string;
  maximize: boolean;
}

const WIDTH = 560;
const HEIGHT = 280;
const TOP = 34;
const BOTTOM = 24;
const SIDE = 60;

/** From grey to green: how near a trial comes to the best. */
const colorOf = (goodness: number) => `color-mix(in oklab, #1f9d77 ${Math.round(goodness * 100)}%, #9aa4ae)`;

/** Each trial a line through its values; the greener, the better it became. */
export function ParallelCoordinates({ trials, objective, maximize }: Props) {
  const ended = trials.filter((trial) => trial.objective !== undefined);
  const names = [...new Set(ended.flatMap((trial) => Object.keys(trial.values)))].toSorted();
  if (ended.length === 0 || names.length === 0) return <>No trial has ended yet.</>;
  const last = axisOf(objective, ended, (trial) => String(trial.objective));
  const axes: Axis[] = [...names.map((name) => axisOf(name, ended, (trial) => trial.values[name])), last];
  const x = (index: number) => SIDE + (index * (WIDTH - 2 * SIDE)) / Math.max(1, axes.length - 1);
  const y = (place: number) => HEIGHT - BOTTOM - place * (HEIGHT - TOP - BOTTOM);
  const goodness = (trial: Trial) => {
    const place = last.place(trial) ?? 0;
    return maximize ? place : 1 - place;
  };
  const pointsOf = (trial: Trial) =>
    axes.flatMap((axis, index) => {
      const place = axis.place(trial);
      return place === undefined ? [] : [`${x(index)},${y(place)}`];
    });
  // The best lines are drawn last, on top of the others.
  const ordered = ended.toSorted((a, b) => goodness(a) - goodness(b));
  return (
    <svg
      className="parallel"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label="Hyperparameters of all trials"
    >
      {ordered.map((trial) => (
        <polyline
          key={trial.name}
          fill="none"
          stroke={colorOf(goodness(trial))}
          strokeWidth={goodness(trial) > 0.98 ? 3 : 1.5}
          points={pointsOf(trial).join(" ")}
        >
          <title>{`${trial.name}: ${objective} ${trial.objective}`}</title>
        </polyline>
      ))}
      {axes.map((axis, index) => (
        <g key={axis.name}>
          <line
            x1={x(index)}
            x2={x(index)}
            y1={TOP}
            y2={HEIGHT - BOTTOM}
            stroke="currentColor"
            strokeOpacity="0.5"
          />
          <text x={x(index)} y={14} textAnchor="middle" fontWeight="bold">
            {axis.name}
          </text>
          {axis.ticks.map((tick) => (
            <text key={tick.text} x={x(index) + 6} y={y(tick.at) + 4}>
              {tick.text}
            </text>
          ))}
        </g>
      ))}
    </svg>
  );
}
