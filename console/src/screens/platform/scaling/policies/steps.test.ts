import { describe, expect, it } from "vitest";
import {
  adjustmentsOf,
  changeWords,
  faultsOf,
  firstRows,
  lineOf,
  rowsOf,
  stepsInWords,
  withOneMore,
} from "./steps";

const row = (from: string, to: string, change: string) => ({ from, to, change });
const TWO = [row("0", "100", "1"), row("100", "", "2")];

describe("what Application Auto Scaling takes as steps", () => {
  it.each([
    [firstRows(true)],
    [firstRows(false)],
    [TWO],
    [[row("", "", "1")]],
    [[row("-5", "0", "1")].map((r) => ({ ...r, from: "" }))],
  ])("takes %j", (rows) => expect(faultsOf(rows, "ChangeInCapacity")).toEqual([]));

  it.each([
    [[], "At least one"],
    [[row("x", "", "1")], "A bound is a number"],
    [[row("0", "", "1.5")], "whole number"],
    [[row("0", "", "")], "whole number"],
    [[row("5", "5", "1")], "begins below"],
    [[row("0", "20", "1"), row("10", "", "2")], "Two steps hold what is between 10 and 20"],
    [[row("0", "10", "1"), row("20", "", "2")], "No step holds what is between 10 and 20"],
    [[row("-10", "0", "-1")], "no beginning"],
    [[row("0", "10", "1")], "no end"],
  ])("refuses %j", (rows, said) => expect(faultsOf(rows, "ChangeInCapacity").join()).toContain(said));

  it("has no capacity below zero", () => {
    expect(faultsOf([row("0", "", "-1")], "ExactCapacity")).toEqual(["A capacity is not below 0."]);
    expect(faultsOf(Array(21).fill(row("0", "", "1")), "ExactCapacity")).toEqual([
      "A policy has 20 steps at most.",
    ]);
  });
});

it("adds a step beyond the outermost", () => {
  expect(withOneMore(firstRows(true), true)).toEqual([row("0", "10", "1"), row("10", "", "2")]);
  expect(withOneMore(firstRows(false), false)).toEqual([row("-10", "0", "-1"), row("", "-10", "-2")]);
  expect(faultsOf(withOneMore(withOneMore(TWO, true), true), "ChangeInCapacity")).toEqual([]);
  expect(withOneMore([], true)).toEqual(firstRows(true));
});

it("tells the API what the form has, and back", () => {
  const steps = adjustmentsOf([...TWO].reverse());
  expect(steps).toEqual([
    { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 100, ScalingAdjustment: 1 },
    { MetricIntervalLowerBound: 100, ScalingAdjustment: 2 },
  ]);
  expect(rowsOf(steps)).toEqual(TWO);
});

it("says changes in words, of the metric where its threshold is known", () => {
  expect([changeWords(2, "ChangeInCapacity"), changeWords(-20, "PercentChangeInCapacity")]).toEqual([
    "+2",
    "−20 %",
  ]);
  expect(stepsInWords(TWO, "ExactCapacity", 600)).toBe("600 to 700: 1 in all; from 700: 2 in all");
  expect(stepsInWords([row("", "-0.1", "-1"), row("-0.1", "", "0")], "ChangeInCapacity", 0.3)).toBe(
    "to 0.2: −1; from 0.2: 0",
  );
});

describe("the number line", () => {
  it("has every step, and what none holds", () => {
    const { segments, ticks } = lineOf(TWO, "ChangeInCapacity", 600);
    expect(segments.map(({ text, kind }) => [text, kind])).toEqual([
      ["", "none"],
      ["+1", "out"],
      ["+2", "out"],
    ]);
    expect(ticks.map(({ text, isThreshold }) => [text, isThreshold])).toEqual([
      ["600", true],
      ["700", false],
    ]);
    expect(segments.reduce((sum, { width }) => sum + width, 0)).toBeCloseTo(100);
  });

  it("is a line whatever is typed", () => {
    for (const rows of [[], firstRows(true), [row("x", "y", "z")], [row("5", "1", "1")]]) {
      const { segments } = lineOf(rows, "PercentChangeInCapacity", 0);
      expect(segments.reduce((sum, { width }) => sum + width, 0)).toBeCloseTo(100);
    }
  });
});
