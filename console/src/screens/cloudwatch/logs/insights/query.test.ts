import { describe, expect, it } from "vitest";
import { binFor, commandsOf, countsOf, foundOf, seriesOf, timeOf } from "./query";

describe("a query's commands", () => {
  it.each([
    ["fields @message | limit 20", ["fields @message", "limit 20"]],
    [`filter @message like "a|b" | limit 1`, [`filter @message like "a|b"`, "limit 1"]],
    ["filter @message like /a|b/ | limit 1", ["filter @message like /a|b/", "limit 1"]],
    [String.raw`filter @message =~ /a\/|b/ | limit 1`, [String.raw`filter @message =~ /a\/|b/`, "limit 1"]],
    ["parse @message /(?<a>x|y)/ | limit 1", ["parse @message /(?<a>x|y)/", "limit 1"]],
    ["stats sum(a / b) | limit 1", ["stats sum(a / b)", "limit 1"]],
    ["fields a # not | this\n| limit 1", ["fields a", "limit 1"]],
    [`filter a = 'it\\'s | b'`, [`filter a = 'it\\'s | b'`]],
    ["  |  | ", []],
    ['filter "never closed | limit 1', ['filter "never closed | limit 1']],
  ])("of %s", (query, commands) => expect(commandsOf(query)).toEqual(commands));
});

it("counts the lines that a query looks at", () => {
  expect(countsOf("fields @message | filter @message like /E/ | sort @timestamp desc | limit 20", 60)).toBe(
    "fields @message | filter @message like /E/ | stats count(*) as lines by bin(60s) as at",
  );
  expect(countsOf("limit 20", 5)).toBe("stats count(*) as lines by bin(5s) as at");
  expect(countsOf("stats count(*) by bin(1m)", 60)).toBeUndefined();
  expect([binFor(0, 60_000), binFor(0, 3_600_000), binFor(0, 1e13)]).toEqual([1, 60, 86_400]);
});

const found = (...rows: Record<string, string>[]) =>
  foundOf(rows.map((row) => Object.entries(row).map(([field, value]) => ({ field, value }))));

describe("lines over time", () => {
  it("are of stats by bin", () => {
    const series = seriesOf(
      found(
        { "bin(1m)": "2026-11-29 12:01:00.000", n: "2" },
        { "bin(1m)": "2026-11-29 12:00:00.000", n: "1" },
      ),
    );
    expect(series.map(({ title, points }) => [title, points.map(({ y }) => y)])).toEqual([["n", [1, 2]]]);
  });

  it("are one for each value of another field", () => {
    const series = seriesOf(
      found(
        { at: "2026-11-29 12:00:00.000", level: "ERROR", n: "2" },
        { at: "2026-11-29 12:00:00.000", level: "INFO", n: "9" },
      ),
    );
    expect(series.map(({ title }) => title)).toEqual(["ERROR", "INFO"]);
  });

  it("are not of rows of a log", () => {
    expect(seriesOf(found({ "@timestamp": "2026-11-29 12:00:00.000", "@message": "7" }))).toEqual([]);
    expect(seriesOf(found())).toEqual([]);
    expect(seriesOf(found({ n: "3" }))).toEqual([]);
  });
});

it("reads times and rows as Logs Insights tells them", () => {
  expect(timeOf("2026-11-29 12:00:00.000")).toBe(Date.UTC(2026, 10, 29, 12));
  expect([timeOf("yesterday"), timeOf(undefined), timeOf("12")]).toEqual([undefined, undefined, undefined]);
  expect(found({ "@ptr": "x", a: "1" }, { b: "2" }).names).toEqual(["a", "b"]);
});
