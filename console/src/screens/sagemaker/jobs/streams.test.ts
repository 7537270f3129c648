import { expect, it } from "vitest";
import { hostOf, hostsOf, inOrder } from "./streams";

it.each([
  ["job/algo-1-1690000000", "algo-1"],
  ["job/i-0123456789abcdef0-1690000000", "i-0123456789abcdef0"],
  ["job/i-0123456789abcdef0-1690000000/data-log", "i-0123456789abcdef0 data-log"],
  ["strange", "strange"],
])("calls the stream %s %s", (stream, host) => {
  expect(hostOf(stream)).toBe(host);
});

it("orders hosts as people count, and names them", () => {
  expect(inOrder(["j/algo-10-1690000000", "j/algo-2-1690000000"])).toEqual([
    "j/algo-2-1690000000",
    "j/algo-10-1690000000",
  ]);
  expect(inOrder(undefined)).toEqual([]);
  expect(hostsOf(2)).toEqual(["algo-1", "algo-2"]);
  expect(hostsOf(undefined)).toEqual(["algo-1"]);
});
