import { expect, test } from "vitest";
import { Unseen } from "./unseen";

const event = (eventId: string, timestamp: number) => ({ eventId, timestamp, message: eventId });

test("each event once, oldest first, late ones too", () => {
  const unseen = new Unseen(100_000);
  expect(unseen.take([event("b", 101_000), event("a", 100_500)]).map(({ message }) => message)).toEqual([
    "a",
    "b",
  ]);
  expect(unseen.from).toBe(91_000);
  expect(unseen.take([event("b", 101_000), event("late", 95_000)]).map(({ message }) => message)).toEqual([
    "late",
  ]);
  expect(unseen.newest).toBe(101_000);
});

test("what no look can find any more is forgotten", () => {
  const unseen = new Unseen(0);
  unseen.take([event("old", 1_000)]);
  unseen.take([event("new", 100_000)]);
  expect(unseen.take([event("old", 1_000)])).toHaveLength(1);
});
