import { expect, it } from "vitest";
import { told } from "./told";

it.each([
  [{ Action: "Add" }, "Add"],
  [{ Action: "Modify", Replacement: "False" }, "Modify"],
  [{ Action: "Modify", Replacement: "True" }, "Replace"],
  [{ Action: "Modify", Replacement: "Conditional" }, "Perhaps replace"],
  [{}, "–"],
] as const)("%o is told as %s", (change, words) => expect(told(change)).toBe(words));
