import { expect, it } from "vitest";
import { areCounts, areNumbers } from "./numbers";

it.each([
  [["1", "0.5", " 3 "], true],
  [["1", ""], false],
  [[" "], false],
  [["x"], false],
  [["Infinity"], false],
])("%j", (texts, are) => expect(areNumbers(...texts)).toBe(are));

it.each([
  ["3", true],
  [" 0 ", true],
  ["1.5", false],
  ["1e3", false],
  ["-1", false],
  ["", false],
])("%j is a count: %s", (text, is) => expect(areCounts(text)).toBe(is));
