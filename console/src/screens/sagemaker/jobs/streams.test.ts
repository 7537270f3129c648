import { expect, it } from "vitest";
import { hostOf, hostsIn, hostsOf, inOrder, since } from "./streams";

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

it("counts hosts, not streams", () => {
  expect(hostsIn(["j/i-1-1690000000", "j/i-1-1690000000/data-log", "j/i-2-1690000000"])).toBe(2);
  expect(hostsIn([])).toBe(0);
});

it("leaves out what an earlier job of the same name has said", () => {
  const created = new Date(100_000);
  const streams = [99_500, 100_200, 50_000].map((creationTime) => ({
    logStreamName: `j/algo-1-${creationTime}`,
    creationTime,
  }));
  expect(since(streams, created).map(({ creationTime }) => creationTime)).toEqual([99_500, 100_200]);
  expect(since(streams, undefined)).toHaveLength(3);
  expect(since(undefined, created)).toEqual([]);
});
