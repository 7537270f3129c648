import { expect, it } from "vitest";
import { dollars } from "./dollars";

it.each([
  [0, "$0"],
  [null, "not known"],
  [0.05, "$0.05"],
  [0.0104, "$0.0104"],
  [0.8, "$0.80"],
  [0.00064112, "$0.000641"],
  [1914.4, "$1,914.40"],
])("%s is %s", (amount, text) => expect(dollars(amount)).toBe(text));
