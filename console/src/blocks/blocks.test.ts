import { expect, it } from "vitest";
import { ago, bytes, duration } from "./formats/amounts";
import { repositoryOf } from "./links/ImageLink";
import { menuOf } from "./list/actions";
import { compare, nowOf, rowsOf } from "./list/columns";
import { kindOf } from "./Status";

it.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1 kB"],
  [1_234_567, "1.23 MB"],
  [5e15, "5000 TB"],
  [undefined, "–"],
])("%s bytes are %s", (count, text) => expect(bytes(count)).toBe(text));

it.each([
  [850, "0.85 s"],
  [59_600, "1 min"],
  [3_725_000, "1 h 2 min"],
  [90_000_000, "1 d 1 h"],
  [86_400_000, "1 d"],
])("%s ms are %s", (milliseconds, text) => expect(duration(milliseconds)).toBe(text));

it("says how long ago", () => {
  expect(ago(new Date(0), 500)).toBe("now");
  expect(ago(new Date(0), 45_000)).toBe("45 s ago");
  expect(ago(new Date(0), 3_725_000)).toBe("1 h ago");
  expect(ago(new Date(0), 729 * 86_400_000)).toBe("729 d ago");
  expect(ago(new Date(0), 4252 * 86_400_000)).toBe("11 years ago");
});

it("orders as people do, with nothing last", () => {
  expect(["job-10", undefined, "job-2"].sort(compare)).toEqual(["job-2", "job-10", undefined]);
  expect([undefined, 3, 1].sort(compare).slice(0, 2)).toEqual([1, 3]);
  expect(compare(new Date(2), new Date(1))).toBeGreaterThan(0);
});

it("says why something cannot be done", () => {
  const stop = {
    id: "stop",
    text: "Stop",
    refuses: (job: string) => (job === "done" ? "It has ended." : undefined),
    run: () => {},
  };
  expect(menuOf([stop], [])[0]).toMatchObject({
    disabled: true,
    disabledReason: "Choose something in the list first.",
  });
  expect(menuOf([stop], ["runs", "done"])[0]).toMatchObject({
    disabled: true,
    disabledReason: "It has ended.",
  });
  expect(menuOf([stop], ["runs"])[0]).toMatchObject({ disabled: false });
});

it("decides about what is chosen as it is now", () => {
  const rows = (states: Record<string, string>) => rowsOf(Object.entries(states), [], ([name]) => name);
  expect(nowOf(rows({ a: "free", gone: "free" }), rows({ a: "used", b: "free" }))).toEqual([["a", "used"]]);
});

it.each([
  ["123456789012.dkr.ecr.us-east-1.amazonaws.com/team/mine:v1", "team/mine"],
  [`123456789012.dkr.ecr.us-east-1.amazonaws.com/mine@sha256:${"a".repeat(64)}`, "mine"],
  ["123456789012.dkr.ecr.us-east-1.amazonaws.com/mine", "mine"],
  ["763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.6.0-cpu-py311", undefined],
  ["mine:v1", undefined],
  [undefined, undefined],
])("the repository of %s is %s", (uri, repository) => {
  expect(repositoryOf(uri, "123456789012")).toBe(repository);
});

it.each([
  ["InProgress", "in-progress"],
  ["CREATE IN PROGRESS", "in-progress"],
  ["UPDATE ROLLBACK IN PROGRESS", "in-progress"],
  ["UPDATE ROLLBACK COMPLETE", "warning"],
  ["ROLLBACK FAILED", "error"],
  ["CREATE COMPLETE", "success"],
])("%s looks like %s", (status, kind) => expect(kindOf(status)).toBe(kind));
