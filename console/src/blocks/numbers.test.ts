import { expect, it } from "vitest";
import { areNumbers } from "./numbers";

it.each([
  [["1", "0.5", " 3 "], true],
  [["1", ""], false],
  [[" "], false],
  [["x"], false],
  [["Infinity"], false],
])("%j", (texts, are) => expect(areNumbers(...texts)).toBe(are));
