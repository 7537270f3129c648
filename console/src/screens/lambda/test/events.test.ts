import { expect, it } from "vitest";
import { withEvent, withoutEvent } from "./events";

it("keeps the latest of each name, and twenty", () => {
  expect(withEvent({ a: "1", b: "2" }, "a", "3")).toEqual({ b: "2", a: "3" });
  let saved = {};
  for (let count = 0; count < 25; count += 1) saved = withEvent(saved, `event ${count}`, "");
  expect(Object.keys(saved)).toHaveLength(20);
  expect(saved).not.toHaveProperty("event 4");
  expect(withoutEvent({ a: "1", b: "2" }, "a")).toEqual({ b: "2" });
});
