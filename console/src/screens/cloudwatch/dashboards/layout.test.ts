import { expect, test } from "vitest";
import { bodyOf, readBody, withWidget } from "./body";
import { type Box, fitted, freePlace, overlap, placed } from "./layout";

const box = (x: number, y: number, width = 6, height = 6): Box => ({ x, y, width, height });

test("the first free place", () => {
  expect(freePlace([], box(0, 0))).toEqual({ x: 0, y: 0 });
  expect(freePlace([box(0, 0), box(6, 0)], box(0, 0))).toEqual({ x: 12, y: 0 });
  expect(freePlace([box(0, 0, 24)], box(0, 0))).toEqual({ x: 0, y: 6 });
  expect(freePlace([box(0, 0, 20), box(0, 8, 24)], box(0, 0))).toEqual({ x: 0, y: 14 });
});

test("what fits", () => {
  expect(fitted(box(-3, -1, 40, 0))).toEqual(box(0, 0, 24, 1));
  expect(fitted(box(22.4, 1.6))).toEqual(box(18, 2));
});

test("who is in the way goes down, with who is below", () => {
  const boxes = [box(0, 0), box(6, 0), box(0, 6), box(0, 12)];
  const moved = placed(boxes, 1, box(3, 2));
  expect(moved[1]).toEqual(box(3, 2));
  expect(moved[0]).toEqual(box(0, 8));
  for (const [place, one] of moved.entries())
    for (const other of moved.slice(place + 1)) expect(overlap(one, other)).toBe(false);
  expect(boxes[0]).toEqual(box(0, 0));
});

test("wider than its place pushes its neighbour down", () => {
  expect(placed([box(0, 0), box(6, 0)], 0, box(0, 0, 12))[1]).toEqual(box(6, 6));
});

const BODY = {
  start: "-PT6H",
  widgets: [
    { type: "text", properties: { markdown: "# x" } },
    { type: "metric", x: 30, y: 2, width: 12, height: 4, properties: { metrics: [] }, extra: 1 },
    "none",
  ],
};

test("a body is read and written with all that it has", () => {
  const read = readBody(JSON.stringify(BODY));
  expect(read.widgets.map(({ x, y, width, height }) => [x, y, width, height])).toEqual([
    [0, 0, 6, 6],
    [12, 2, 12, 4],
  ]);
  const again = JSON.parse(bodyOf(read));
  expect(again.start).toBe("-PT6H");
  expect(again.widgets[1].extra).toBe(1);
  expect(readBody(bodyOf(read))).toEqual(read);
  expect(withWidget(read, "metric", {}).widgets.at(-1)).toMatchObject({ x: 0, y: 6, width: 12 });
  expect(() => readBody("[]")).toThrow("no JSON object");
});
