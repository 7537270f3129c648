import { expect, test } from "vitest";
import { axesOf, minutesOf, nameOf, notesOf, queryOf, rangeOf, withBound } from "./properties";

const widget = (type: string, properties: Record<string, unknown>) => ({
  type,
  properties,
  x: 0,
  y: 0,
  width: 6,
  height: 6,
  rest: {},
});

test.each([
  ["-PT3H", 180],
  ["-P7D", 10_080],
  ["-P1DT2H5M", 1565],
  ["-PT0H", undefined],
  ["PT3H", undefined],
  [3, undefined],
])("%s is %s minutes", (text, minutes) => {
  expect(minutesOf(text)).toBe(minutes);
});

test("the time of a widget", () => {
  expect(rangeOf(widget("metric", { start: "-PT1H" }), { minutes: 5 })).toEqual({ minutes: 60 });
  const own = { start: "2026-11-29T10:00:00Z", end: "2026-11-29T11:00:00Z" };
  expect(rangeOf(widget("metric", own), { minutes: 5 })).toEqual({
    from: Date.parse(own.start),
    until: Date.parse(own.end),
  });
  expect(rangeOf(widget("metric", { start: "soon" }), { minutes: 5 })).toEqual({ minutes: 5 });
});

test("names", () => {
  expect(nameOf(widget("text", { markdown: "## The shop\nmore" }))).toBe("The shop");
  expect(nameOf(widget("metric", { title: "Load" }))).toBe("Load");
  expect(nameOf(widget("log", {}))).toBe("Logs");
});

test("annotations and axes", () => {
  const { marks, moments } = notesOf({
    annotations: {
      horizontal: [
        { value: 3, label: "limit" },
        [{ value: 1 }, { value: 2, yAxis: "right" }],
        { value: "x" },
      ],
      vertical: [{ value: "2026-11-29T10:00:00Z", label: "deployed" }, { value: "never" }],
    },
  });
  expect(marks.map(({ value, side }) => `${value} ${side}`)).toEqual(["3 left", "1 left", "2 right"]);
  expect(moments).toEqual([{ at: Date.parse("2026-11-29T10:00:00Z"), title: "deployed" }]);
  expect(notesOf({ annotations: [] })).toEqual({ marks: [], moments: [] });
  expect(axesOf({ yAxis: { left: { min: 0, label: "ms" }, right: 3 } })).toEqual({
    left: { min: 0, label: "ms" },
    right: {},
  });
});

test("a query's log groups", () => {
  expect(queryOf("SOURCE '/aws/a' | SOURCE \"b c\" | fields @message\n| limit 3")).toEqual({
    groups: ["/aws/a", "b c"],
    query: "fields @message\n| limit 3",
  });
  expect(queryOf(3)).toEqual({ groups: [], query: "" });
});

test("a bound of an axis is set and taken away; what else is there stays", () => {
  const axis = { left: { label: "ms" }, right: { max: 1 } };
  const set = withBound(axis, "min", 0);
  expect(set).toEqual({ left: { label: "ms", min: 0 }, right: { max: 1 } });
  expect(withBound(set, "min", undefined)).toEqual(axis);
  expect(withBound(undefined, "max", 9)).toEqual({ left: { max: 9 } });
});
