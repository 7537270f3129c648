import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from "react";
import type { Widget } from "./body";
import { type Box, COLUMNS, fitted, placed } from "./layout";

/** Of a row, in pixels, as on AWS's page. */
const ROW = 46;
const GAP = 8;

interface Props {
  widgets: Widget[];
  editing: boolean;
  onChange: (widgets: Widget[]) => void;
  nameOf: (widget: Widget) => string;
  children: (widget: Widget, index: number) => ReactNode;
}

interface Drag {
  index: number;
  kind: "move" | "size";
  fromX: number;
  fromY: number;
  start: Box;
}

const KEYS: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

const changed = (box: Box, kind: Drag["kind"], columns: number, rows: number): Box =>
  fitted(
    kind === "move"
      ? { ...box, x: box.x + columns, y: box.y + rows }
      : { ...box, width: Math.min(COLUMNS - box.x, box.width + columns), height: box.height + rows },
  );

/** Widgets in their places; while editing they are moved and sized, by pointer or by arrow keys. */
export function Grid({ widgets, editing, onChange, nameOf, children }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<Drag>();
  const [preview, setPreview] = useState<Widget[]>();
  const shown = preview ?? widgets;

  const begin = (index: number, kind: Drag["kind"]) => (event: PointerEvent<HTMLButtonElement>) => {
    const widget = widgets[index];
    if (!widget) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    setDrag({ index, kind, fromX: event.clientX, fromY: event.clientY, start: { ...widget } });
  };
  const go = (event: PointerEvent<HTMLButtonElement>) => {
    const column = (box.current?.clientWidth ?? 0) / COLUMNS;
    if (!drag || column === 0) return;
    const columns = Math.round((event.clientX - drag.fromX) / column);
    const rows = Math.round((event.clientY - drag.fromY) / ROW);
    setPreview(placed(widgets, drag.index, changed(drag.start, drag.kind, columns, rows)));
  };
  const drop = () => {
    if (preview) onChange(preview);
    setDrag(undefined);
    setPreview(undefined);
  };
  const step = (index: number, kind: Drag["kind"]) => (event: KeyboardEvent) => {
    const by = KEYS[event.key];
    const widget = widgets[index];
    if (!by || !widget) return;
    event.preventDefault();
    onChange(placed(widgets, index, changed(widget, kind, ...by)));
  };
  const handle = (index: number, kind: Drag["kind"], label: string, sign: string) => (
    <button
      type="button"
      className={kind}
      aria-label={`${label} ${nameOf(shown[index] as Widget)}`}
      title={`${label}: drag, or arrow keys`}
      onPointerDown={begin(index, kind)}
      onPointerMove={go}
      onPointerUp={drop}
      onPointerCancel={() => {
        setDrag(undefined);
        setPreview(undefined);
      }}
      onKeyDown={step(index, kind)}
    >
      {sign}
    </button>
  );

  return (
    <div ref={box} className="dashboard" style={{ gridAutoRows: ROW - GAP, gap: GAP }}>
      {shown.map((widget, index) => (
        <section
          // biome-ignore lint/suspicious/noArrayIndexKey: widgets have no name but their place in the JSON
          key={index}
          className={`widget ${drag?.index === index ? "dragged" : ""}`}
          aria-label={nameOf(widget)}
          style={{
            gridColumn: `${widget.x + 1} / span ${widget.width}`,
            gridRow: `${widget.y + 1} / span ${widget.height}`,
          }}
        >
          {editing && handle(index, "move", "Move", "⠿")}
          {children(widget, index)}
          {editing && handle(index, "size", "Resize", "◢")}
        </section>
      ))}
    </div>
  );
}
