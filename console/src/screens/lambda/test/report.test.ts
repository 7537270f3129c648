import { expect, it } from "vitest";
import { partsOf, reportIn } from "./report";

const LINE =
  "START RequestId: d1 Version: $LATEST\nhello\nEND RequestId: d1\nREPORT RequestId: d1\tDuration: 2.48 ms\tBilled Duration: 759 ms\tMemory Size: 256 MB\tMax Memory Used: 11 MB\tInit Duration: 756.00 ms\t\n";

it("reads the REPORT line", () => {
  expect(reportIn(LINE)).toEqual({
    requestId: "d1",
    durationMs: 2.48,
    billedMs: 759,
    initMs: 756,
    memoryMb: 256,
    usedMb: 11,
  });
});

it("reads a warm start and no report at all", () => {
  expect(reportIn(LINE.replace(/\tInit.*/, "")).initMs).toBeUndefined();
  expect(reportIn("Task timed out").durationMs).toBeUndefined();
});

it("splits the time of a call", () => {
  expect(partsOf(reportIn(LINE), 800).map(({ name }) => name)).toEqual(["init", "run", "the rest"]);
  expect(partsOf(reportIn(""), 5)).toEqual([{ name: "the rest", milliseconds: 5 }]);
});
