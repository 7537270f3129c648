import { expect, it } from "vitest";
import { goesOn, whyNotUpdated } from "./states";

it.each([
  ["CREATE_IN_PROGRESS", true],
  ["UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", true],
  ["CREATE_PENDING", true],
  ["REVIEW_IN_PROGRESS", false],
  ["UPDATE_ROLLBACK_COMPLETE", false],
  [undefined, false],
])("%s goes on: %s", (status, expected) => expect(goesOn(status)).toBe(expected));

it.each(["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"])("%s can be updated", (status) =>
  expect(whyNotUpdated(status)).toBeUndefined(),
);

it.each([
  undefined,
  "ROLLBACK_COMPLETE",
  "CREATE_FAILED",
  "DELETE_FAILED",
  "REVIEW_IN_PROGRESS",
  "UPDATE_IN_PROGRESS",
])("%s cannot, and why is told", (status) => expect(whyNotUpdated(status)).toMatch(/\.$/));
