import { useMemo, useState } from "react";
import { useNavigate } from "react-router";
import { BASE, to } from "../../../app/links";
import { BOX, type Chain, lineOf, type Placed, pageOf, pictureOf, shortened } from "./chain";

interface Props {
  chain: Chain;
  /** Things of a lane; 0 for all. */
  most: number;
}

/** The chain: what there is, who calls whom, how much flows. What one points at shows its own lines alone. */
export function ChainPicture({ chain, most }: Props) {
  const [pointed, setPointed] = useState<string>();
  const picture = useMemo(() => pictureOf(chain, most), [chain, most]);
  const touched = new Set(
    picture.links.flatMap(({ from, to: end }) => (from === pointed || end === pointed ? [from, end] : [])),
  );
  return (
    <div className="chain">
      <svg viewBox={`0 0 ${picture.width} ${picture.height}`} style={{ maxInlineSize: picture.width }}>
        <title>The chain</title>
        {picture.lanes.map(({ title, x, more }) => (
          <text key={title} x={x} y={16} className="lane">
            {title}
            {more > 0 ? ` and ${more} more` : ""}
          </text>
        ))}
        {picture.links.map((link) => {
          const near = link.from === pointed || link.to === pointed;
          // Who acts as which role would be a line to everything: it is drawn for what one points at.
          if (link.relation === "acts as" && !near) return null;
          const flows = (link.b.node.perSecond ?? 0) > 0;
          const kind = link.allowed === false ? "refused" : flows ? "flows" : "";
          return (
            <path
              key={`${link.from} ${link.to} ${link.relation} ${link.action}`}
              d={lineOf(link.a, link.b)}
              className={`link ${kind} ${pointed && !near ? "far" : ""}`}
            >
              <title>{[link.relation, link.action, link.why].filter(Boolean).join(" · ")}</title>
            </path>
          );
        })}
        {picture.placed.map((one) => (
          <Thing
            key={one.node.id}
            placed={one}
            far={pointed !== undefined && pointed !== one.node.id && !touched.has(one.node.id)}
            onPoint={setPointed}
          />
        ))}
      </svg>
    </div>
  );
}

interface ThingProps {
  placed: Placed;
  far: boolean;
  onPoint: (id: string | undefined) => void;
}

function Thing({ placed: { node, x, y }, far, onPoint }: ThingProps) {
  const navigate = useNavigate();
  const page = pageOf(node);
  const rate = node.perSecond ? `${Number(node.perSecond.toPrecision(2))}/s` : "";
  const inside = (
    <>
      <rect x={x} y={y} width={BOX.width} height={BOX.height} rx={8} />
      <circle cx={x + 14} cy={y + BOX.height / 2} r={5} />
      <text x={x + 26} y={y + (node.status || rate ? 17 : 25)}>
        {shortened(node.name, 15)}
      </text>
      {(node.status || rate) && (
        <text x={x + 26} y={y + 32} className="small">
          {[node.status, rate].filter(Boolean).join(" · ")}
        </text>
      )}
      <title>{[node.name, node.status, node.why].filter(Boolean).join("\n")}</title>
    </>
  );
  const className = `thing ${node.health} ${far ? "far" : ""}`;
  const pointing = { onMouseEnter: () => onPoint(node.id), onMouseLeave: () => onPoint(undefined) };
  if (!page)
    return (
      <g className={className} {...pointing}>
        {inside}
      </g>
    );
  const address = to(...page);
  return (
    <a
      href={BASE + address}
      className={className}
      {...pointing}
      onFocus={() => onPoint(node.id)}
      onBlur={() => onPoint(undefined)}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        void navigate(address);
      }}
    >
      {inside}
    </a>
  );
}
