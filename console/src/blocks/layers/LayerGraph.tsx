import { direct, type Layered, layersOf } from "./layers";

const WIDTH = 190;
const HEIGHT = 46;
const GAP_X = 24;
const GAP_Y = 44;
const GREY = "#8d99a8";

export interface Box extends Layered {
  title: string;
  note: string;
  /** Of its outline; one without is dashed. */
  color?: string | undefined;
}

/** Boxes from top to bottom, each below what it needs. */
export function LayerGraph({ label, boxes }: { label: string; boxes: Box[] }) {
  const places = placesOf(boxes);
  const width = Math.max(WIDTH, ...[...places.values()].map(([x]) => x + WIDTH));
  const height = Math.max(HEIGHT, ...[...places.values()].map(([, y]) => y + HEIGHT));
  return (
    <section
      style={{ overflow: "auto" }}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it by keys
      tabIndex={0}
      aria-label={`${label}: scroll`}
    >
      <svg
        width={width + 8}
        height={height + 8}
        viewBox={`-4 -4 ${width + 8} ${height + 8}`}
        role="img"
        aria-label={label}
      >
        {boxes.flatMap((box) =>
          direct(boxes, box).map((need) => (
            <Line key={`${need} ${box.name}`} from={places.get(need)} to={places.get(box.name)} />
          )),
        )}
        {boxes.map((box) => (
          <Drawn key={box.name} box={box} at={places.get(box.name)} />
        ))}
      </svg>
    </section>
  );
}

type Place = [number, number];

function placesOf(boxes: Box[]): Map<string, Place> {
  const layers = new Map<number, string[]>();
  for (const [name, layer] of layersOf(boxes)) layers.set(layer, [...(layers.get(layer) ?? []), name]);
  const widest = Math.max(1, ...[...layers.values()].map((layer) => layer.length));
  const places = new Map<string, Place>();
  const rows = [...layers].toSorted(([a], [b]) => a - b); // a circle leaves some out
  for (const [row, [, inside]] of rows.entries()) {
    const left = ((widest - inside.length) * (WIDTH + GAP_X)) / 2;
    inside.forEach((name, index) => {
      places.set(name, [left + index * (WIDTH + GAP_X), row * (HEIGHT + GAP_Y)]);
    });
  }
  return places;
}

function Line({ from, to }: { from: Place | undefined; to: Place | undefined }) {
  if (!from || !to) return null;
  const [x, y] = [from[0] + WIDTH / 2, from[1] + HEIGHT];
  const [endX, endY] = [to[0] + WIDTH / 2, to[1]];
  const middle = (y + endY) / 2;
  return (
    <path
      d={`M ${x} ${y} C ${x} ${middle}, ${endX} ${middle}, ${endX} ${endY}`}
      fill="none"
      stroke={GREY}
      strokeWidth={1.5}
    />
  );
}

function Drawn({ box, at }: { box: Box; at: Place | undefined }) {
  if (!at) return null;
  const short = box.title.length > 22 ? `${box.title.slice(0, 21)}…` : box.title;
  return (
    <g transform={`translate(${at[0]} ${at[1]})`}>
      <title>{`${box.title}: ${box.note}`}</title>
      <rect
        width={WIDTH}
        height={HEIGHT}
        rx={8}
        fill="transparent"
        stroke={box.color ?? GREY}
        strokeWidth={box.color ? 2.5 : 1.2}
        strokeDasharray={box.color ? undefined : "4 3"}
      />
      <text x={12} y={20} fontSize={13} fontWeight={600} fill="currentColor">
        {short}
      </text>
      <text x={12} y={37} fontSize={11} fill="currentColor" opacity={0.75}>
        {box.note}
      </text>
    </g>
  );
}
