import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef, useState } from "react";
import { tickOf } from "../charts/Curves";
import { moment } from "../formats/amounts";
import { domainOf, type Place, placeIn, shortNumber, stackOf, ticksOf, timesOf } from "./scale";

export type Side = "left" | "right";

export interface GraphLine {
  id: string;
  title: string;
  color: string;
  side: Side;
  /** In the order of time; `x` in milliseconds. */
  points: { x: number; y: number }[];
}

export interface Axis {
  label?: string | undefined;
  min?: number | undefined;
  max?: number | undefined;
}

export interface Band {
  from: number;
  until: number;
  color: string;
  title: string;
}

interface Props {
  label: string;
  lines: GraphLine[];
  from: number;
  until: number;
  height?: number;
  stacked?: boolean;
  /** Each value as a bar from below: counts of spans of time. Of one line alone. */
  bars?: boolean;
  legend?: boolean;
  axes?: { left?: Axis; right?: Axis };
  /** Values across the whole time: a threshold. */
  marks?: { value: number; title: string; color: string; side: Side }[];
  moments?: { at: number; title: string }[];
  /** What was when, below the lines: an alarm's states. */
  bands?: Band[];
  empty: string;
}

const TOP = 10;
const BOTTOM = 24;
const SIDE = 52;
const BAND = 14;

/** Lines over time on one or two axes; a pointer, or arrow keys, read the values of a time. */
export function Graph(props: Props) {
  const { lines, from, until, height = 260, stacked = false, marks = [], bands = [] } = props;
  const [box, width] = useWidth();
  const [at, setAt] = useState<number>();
  const [hidden, setHidden] = useState<string[]>([]);
  const seen = lines.filter(({ id }) => !hidden.includes(id));
  const sides = new Set([...seen, ...marks].map(({ side }) => side));
  const inner = {
    left: SIDE,
    right: width - (sides.has("right") ? SIDE : 16),
    top: TOP,
    bottom: height - BOTTOM - (bands.length > 0 ? BAND + 6 : 0),
  };
  const x = placeIn([from, until], [inner.left, inner.right]);
  const stacks = useMemo(() => (stacked ? stackOf(seen) : undefined), [stacked, seen]);
  const domains = {
    left: domainFor("left", seen, stacks, marks, props.axes?.left),
    right: domainFor("right", seen, stacks, marks, props.axes?.right),
  };
  const y: Record<Side, Place> = {
    left: placeIn(domains.left, [inner.bottom, inner.top]),
    right: placeIn(domains.right, [inner.bottom, inner.top]),
  };
  const times = useMemo(
    () => [...new Set(seen.flatMap((line) => line.points.map((point) => point.x)))].sort((a, b) => a - b),
    [seen],
  );
  const nothing = lines.every(({ points }) => points.length === 0);

  const point = ({ clientX, currentTarget }: PointerEvent<SVGSVGElement>) => {
    const place = clientX - currentTarget.getBoundingClientRect().left;
    setAt(nearest(times, from + ((place - inner.left) / (inner.right - inner.left)) * (until - from)));
  };
  const step = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === "Escape") setAt(undefined);
    if (!by || times.length === 0) return;
    event.preventDefault();
    const place = at === undefined ? (by > 0 ? -1 : times.length) : times.indexOf(at);
    setAt(times[Math.min(times.length - 1, Math.max(0, place + by))]);
  };

  return (
    <div className="graph">
      <section
        ref={box}
        className="plot"
        aria-label={props.label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys read values
        tabIndex={0}
        onKeyDown={step}
        onBlur={() => setAt(undefined)}
      >
        {width > 0 && (
          <svg
            width={width}
            height={height}
            aria-hidden="true"
            onPointerMove={point}
            onPointerLeave={() => setAt(undefined)}
          >
            <Axes {...{ sides, domains, y, inner, width, height, from, until, x, axes: props.axes }} />
            {props.moments?.map(({ at: when, title }) => (
              <line
                key={`${when} ${title}`}
                className="moment"
                x1={x(when)}
                x2={x(when)}
                y1={inner.top}
                y2={inner.bottom}
              >
                <title>{title}</title>
              </line>
            ))}
            {props.bars &&
              seen.map((line) =>
                line.points.map((one) => (
                  <rect
                    key={`${line.id} ${one.x}`}
                    x={x(one.x)}
                    width={Math.max(
                      1,
                      (narrowest(line.points, until - from) * (inner.right - inner.left)) / (until - from) -
                        1,
                    )}
                    y={y[line.side](one.y)}
                    height={Math.max(0, inner.bottom - y[line.side](one.y))}
                    style={{ fill: line.color }}
                  />
                )),
              )}
            {(props.bars ? [] : seen).map((line, index) => (
              <path
                key={line.id}
                className={stacks ? "area" : "line"}
                d={
                  stacks ? areaOf(stacks[index] ?? [], x, y[line.side]) : pathOf(line.points, x, y[line.side])
                }
                style={stacks ? { fill: line.color } : { stroke: line.color }}
              />
            ))}
            {!stacks &&
              !props.bars &&
              seen.map((line) =>
                line.points.length <= 60
                  ? line.points.map((one) => (
                      <circle
                        key={`${line.id} ${one.x}`}
                        cx={x(one.x)}
                        cy={y[line.side](one.y)}
                        r={2.2}
                        style={{ fill: line.color }}
                      />
                    ))
                  : null,
              )}
            {marks.map(({ value, title, color, side }) => (
              <g key={`${title} ${value}`}>
                <line
                  className="mark"
                  x1={inner.left}
                  x2={inner.right}
                  y1={y[side](value)}
                  y2={y[side](value)}
                  style={{ stroke: color }}
                />
                <text x={inner.left + 4} y={y[side](value) - 4} className="note">
                  {title}
                </text>
              </g>
            ))}
            {bands.map((band) => (
              <rect
                key={`${band.from} ${band.title}`}
                x={Math.max(inner.left, x(band.from))}
                width={Math.max(1, Math.min(inner.right, x(band.until)) - Math.max(inner.left, x(band.from)))}
                y={inner.bottom + 6}
                height={BAND}
                style={{ fill: band.color }}
              >
                <title>{band.title}</title>
              </rect>
            ))}
            {at !== undefined && (
              <line className="pointer" x1={x(at)} x2={x(at)} y1={inner.top} y2={inner.bottom} />
            )}
          </svg>
        )}
        {nothing && <p className="nothing">{props.empty}</p>}
        {at !== undefined && (
          <div
            className="values"
            role="status"
            style={{
              [x(at) > width / 2 ? "right" : "left"]: x(at) > width / 2 ? width - x(at) + 8 : x(at) + 8,
            }}
          >
            <strong>{moment(new Date(at))}</strong>
            {seen.map((line) => {
              const value = line.points.find((one) => one.x === at)?.y;
              return (
                value !== undefined && (
                  <span key={line.id}>
                    <i style={{ background: line.color }} /> {line.title}: {shortNumber(value)}
                  </span>
                )
              );
            })}
            {bands
              .filter((band) => band.from <= at && at < band.until)
              .map((band) => (
                <span key={band.title}>{band.title}</span>
              ))}
          </div>
        )}
      </section>
      {props.legend !== false && lines.length > 0 && (
        <ul className="legend" aria-label="Lines">
          {lines.map((line) => (
            <li key={line.id}>
              <button
                type="button"
                aria-pressed={!hidden.includes(line.id)}
                onClick={() =>
                  setHidden(
                    hidden.includes(line.id) ? hidden.filter((id) => id !== line.id) : [...hidden, line.id],
                  )
                }
              >
                <i style={{ background: line.color }} />
                {line.title}
                {line.side === "right" ? " (right)" : ""}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

interface AxesProps {
  sides: Set<Side>;
  domains: Record<Side, [number, number]>;
  y: Record<Side, Place>;
  x: Place;
  inner: { left: number; right: number; top: number; bottom: number };
  width: number;
  height: number;
  from: number;
  until: number;
  axes?: { left?: Axis; right?: Axis } | undefined;
}

function Axes({ sides, domains, y, x, inner, width, height, from, until, axes }: AxesProps) {
  const first: Side = sides.has("left") || !sides.has("right") ? "left" : "right";
  const count = Math.max(2, Math.floor((inner.bottom - inner.top) / 40));
  return (
    <>
      {ticksOf(domains[first], count).map((value) => (
        <line
          key={value}
          className="rule"
          x1={inner.left}
          x2={inner.right}
          y1={y[first](value)}
          y2={y[first](value)}
        />
      ))}
      {(["left", "right"] as const)
        .filter((side) => sides.has(side) || (side === "left" && first === "left"))
        .map((side) =>
          ticksOf(domains[side], count).map((value) => (
            <text
              key={`${side} ${value}`}
              className={side}
              x={side === "left" ? inner.left - 6 : inner.right + 6}
              y={y[side](value) + 4}
            >
              {shortNumber(value)}
            </text>
          )),
        )}
      {axes?.left?.label && (
        <text className="note" x={inner.left + 4} y={inner.top + 8}>
          {axes.left.label}
        </text>
      )}
      {axes?.right?.label && (
        <text className="note right" x={inner.right - 4} y={inner.top + 8} style={{ textAnchor: "end" }}>
          {axes.right.label}
        </text>
      )}
      {timesOf(from, until, Math.max(2, Math.floor(width / 110))).map((time) => (
        <text key={time} className="time" x={x(time)} y={height - 6}>
          {tickOf(new Date(time), until - from)}
        </text>
      ))}
    </>
  );
}

function domainFor(
  side: Side,
  lines: GraphLine[],
  stacks: { high: number }[][] | undefined,
  marks: { value: number; side: Side }[],
  wish: Axis | undefined,
): [number, number] {
  const values = lines.flatMap((line, index) => {
    if (line.side !== side) return [];
    return stacks ? (stacks[index] ?? []).map(({ high }) => high) : line.points.map(({ y }) => y);
  });
  return domainOf([...values, ...marks.filter((mark) => mark.side === side).map(({ value }) => value)], wish);
}

const pathOf = (points: { x: number; y: number }[], x: Place, y: Place) =>
  points
    .map((point, index) => `${index ? "L" : "M"}${x(point.x).toFixed(1)} ${y(point.y).toFixed(1)}`)
    .join("");

function areaOf(points: { x: number; low: number; high: number }[], x: Place, y: Place): string {
  if (points.length === 0) return "";
  const above = points.map((one) => `${x(one.x).toFixed(1)} ${y(one.high).toFixed(1)}`);
  const below = points.map((one) => `${x(one.x).toFixed(1)} ${y(one.low).toFixed(1)}`).reverse();
  return `M${[...above, ...below].join("L")}Z`;
}

/** The least distance of two points: how wide the bar of one is; a fortieth of all where there is one alone. */
const narrowest = (points: { x: number }[], all: number): number =>
  points.reduce((least, { x }, place) => {
    const next = points[place + 1];
    return next && next.x > x ? Math.min(least, next.x - x) : least;
  }, all / 40);

function nearest(times: number[], wanted: number): number | undefined {
  let best: number | undefined;
  for (const time of times)
    if (best === undefined || Math.abs(time - wanted) < Math.abs(best - wanted)) best = time;
  return best;
}

function useWidth(): [React.RefObject<HTMLElement | null>, number] {
  const box = useRef<HTMLElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const watch = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  return [box, width];
}
