import { useMemo } from "react";
import { kindOf } from "../../../blocks/Status";
import { direct, nodesOf, read, type StepNode } from "./steps";

const WIDTH = 190;
const HEIGHT = 46;
const GAP_X = 24;
const GAP_Y = 44;
const COLORS: Record<string, string> = {
  success: "var(--color-text-status-success-lzttmy, #037f0c)",
  error: "var(--color-text-status-error-7uhfqn, #d91515)",
  "in-progress": "#0972d3",
  stopped: "#5f6b7a",
};

interface Props {
  definition: string | undefined;
  /** Step -> its status; those that did not begin have none. */
  statuses?: Record<string, string | undefined>;
}

/** A pipeline as a picture: what follows what, and how far an execution is. */
export function StepGraph({ definition, statuses = {} }: Props) {
  const nodes = useMemo(() => nodesOf(read(definition)), [definition]);
  const places = useMemo(() => placesOf(nodes), [nodes]);
  const width = Math.max(WIDTH, ...[...places.values()].map(([x]) => x + WIDTH));
  const height = Math.max(HEIGHT, ...[...places.values()].map(([, y]) => y + HEIGHT));
  return (
    <div style={{ overflow: "auto" }}>
      <svg
        width={width + 8}
        height={height + 8}
        viewBox={`-4 -4 ${width + 8} ${height + 8}`}
        role="img"
        aria-label="The pipeline's steps"
      >
        {nodes.flatMap((node) =>
          direct(nodes, node).map((need) => (
            <Edge key={`${need} ${node.name}`} from={places.get(need)} to={places.get(node.name)} />
          )),
        )}
        {nodes.map((node) => (
          <Box key={node.name} node={node} at={places.get(node.name)} status={statuses[node.name]} />
        ))}
      </svg>
    </div>
  );
}

type Place = [number, number];

function placesOf(nodes: StepNode[]): Map<string, Place> {
  const layers = new Map<number, StepNode[]>();
  for (const node of nodes) layers.set(node.layer, [...(layers.get(node.layer) ?? []), node]);
  const widest = Math.max(1, ...[...layers.values()].map((layer) => layer.length));
  const places = new Map<string, Place>();
  for (const [layer, inside] of layers) {
    const left = ((widest - inside.length) * (WIDTH + GAP_X)) / 2;
    inside.forEach((node, index) => {
      places.set(node.name, [left + index * (WIDTH + GAP_X), layer * (HEIGHT + GAP_Y)]);
    });
  }
  return places;
}

function Edge({ from, to }: { from: Place | undefined; to: Place | undefined }) {
  if (!from || !to) return null;
  const [x, y] = [from[0] + WIDTH / 2, from[1] + HEIGHT];
  const [endX, endY] = [to[0] + WIDTH / 2, to[1]];
  const middle = (y + endY) / 2;
  return (
    <path
      d={`M ${x} ${y} C ${x} ${middle}, ${endX} ${middle}, ${endX} ${endY}`}
      fill="none"
      stroke="#8d99a8"
      strokeWidth={1.5}
    />
  );
}

function Box({ node, at, status }: { node: StepNode; at: Place | undefined; status: string | undefined }) {
  if (!at) return null;
  const color = status ? (COLORS[kindOf(status)] ?? COLORS.stopped) : "#8d99a8";
  const short = node.name.length > 22 ? `${node.name.slice(0, 21)}…` : node.name;
  return (
    <g transform={`translate(${at[0]} ${at[1]})`}>
      <title>{`${node.name}: ${node.type}${status ? `, ${status}` : ""}`}</title>
      <rect
        width={WIDTH}
        height={HEIGHT}
        rx={8}
        fill="transparent"
        stroke={color}
        strokeWidth={status ? 2.5 : 1.2}
        strokeDasharray={status ? undefined : "4 3"}
      />
      <text x={12} y={20} fontSize={13} fontWeight={600} fill="currentColor">
        {short}
      </text>
      <text x={12} y={37} fontSize={11} fill="currentColor" opacity={0.75}>
        {status ? `${node.type} · ${status}` : node.type}
      </text>
    </g>
  );
}
