/** `GET /_sagehen/chain`, as docs/console.md has it. */
export interface ChainNode {
  id: string;
  kind: string;
  name: string;
  arn: string;
  status: string;
  health: "ok" | "busy" | "stopped" | "warning" | "error";
  why: string;
  perSecond: number | null;
}

export interface ChainLink {
  from: string;
  to: string;
  relation: string;
  action: string;
  role: string;
  /** Nothing for what needs no right. */
  allowed: boolean | null;
  why: string;
}

export interface Chain {
  nodes: ChainNode[];
  links: ChainLink[];
  hidden: string[];
  cut: string[];
}

/** Lanes from left to right: the way of the data. */
export const LANES: { kinds: string[]; title: string }[] = [
  { kinds: ["bucket"], title: "Buckets" },
  { kinds: ["training-job", "processing-job", "transform-job"], title: "Jobs" },
  { kinds: ["model"], title: "Models" },
  { kinds: ["endpoint"], title: "Endpoints" },
  { kinds: ["function"], title: "Functions" },
  { kinds: ["api"], title: "APIs" },
  { kinds: ["scaling-target", "alarm"], title: "Scaling, alarms" },
  { kinds: ["role"], title: "Roles" },
];

/** Where a kind of thing has its page. */
const PAGES: Record<string, string[]> = {
  bucket: ["s3", "buckets"],
  "training-job": ["sagemaker", "training-jobs"],
  "processing-job": ["sagemaker", "processing-jobs"],
  "transform-job": ["sagemaker", "transform-jobs"],
  model: ["sagemaker", "models"],
  endpoint: ["sagemaker", "endpoints"],
  function: ["lambda", "functions"],
};

export const pageOf = (node: ChainNode): string[] | undefined => {
  const folder = PAGES[node.kind];
  return folder && [...folder, node.name];
};

export interface Placed {
  node: ChainNode;
  x: number;
  y: number;
}

export interface Picture {
  lanes: { title: string; x: number; more: number }[];
  placed: Placed[];
  links: (ChainLink & { a: Placed; b: Placed })[];
  width: number;
  height: number;
}

export const BOX = { width: 150, height: 40, column: 186, row: 52, top: 34, left: 4 };

const URGENCY = { error: 0, warning: 1, busy: 2, ok: 3, stopped: 4 };

/** Puts everything into its lane: what is broken first, then what is linked; at most `most` of a lane, 0 for all. */
export function pictureOf(chain: Chain, most: number): Picture {
  const degree = new Map<string, number>();
  for (const { from, to } of chain.links)
    for (const id of [from, to]) degree.set(id, (degree.get(id) ?? 0) + 1);
  const lanes: Picture["lanes"] = [];
  const placed: Placed[] = [];
  for (const { kinds, title } of LANES) {
    const of = chain.nodes.filter((node) => kinds.includes(node.kind));
    if (of.length === 0) continue;
    const ordered = of.toSorted(
      (a, b) => URGENCY[a.health] - URGENCY[b.health] || (degree.get(b.id) ?? 0) - (degree.get(a.id) ?? 0),
    );
    const shown = most > 0 ? ordered.slice(0, most) : ordered;
    const x = BOX.left + lanes.length * BOX.column;
    lanes.push({ title, x, more: of.length - shown.length });
    shown.forEach((node, index) => {
      placed.push({ node, x, y: BOX.top + index * BOX.row });
    });
  }
  const at = new Map(placed.map((one) => [one.node.id, one]));
  const links = chain.links.flatMap((link) => {
    const [a, b] = [at.get(link.from), at.get(link.to)];
    return a && b ? [{ ...link, a, b }] : [];
  });
  return {
    lanes,
    placed,
    links,
    width: Math.max(1, lanes.length) * BOX.column - (BOX.column - BOX.width) + 2 * BOX.left,
    height: Math.max(BOX.top + BOX.row, ...placed.map(({ y }) => y + BOX.height + 16)),
  };
}

/** The line from one thing to another, between the sides that face one another. */
export function lineOf(a: Placed, b: Placed): string {
  const forward = b.x >= a.x;
  const [x1, y1] = [forward ? a.x + BOX.width : a.x, a.y + BOX.height / 2];
  const [x2, y2] = [forward ? b.x : b.x + BOX.width, b.y + BOX.height / 2];
  const bend = Math.max(24, Math.abs(x2 - x1) / 2) * (forward ? 1 : -1);
  return `M${x1},${y1} C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2},${y2}`;
}

export const shortened = (text: string, most: number) =>
  text.length <= most ? text : `${text.slice(0, most - 1)}…`;
