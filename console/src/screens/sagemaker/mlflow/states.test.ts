import { expect, test } from "vitest";
import { changes, isAnswering, isDown } from "./states";

test.each([
  ["Creating", "changes"],
  ["Updating", "changes"],
  ["Deleting", "changes"],
  ["Created", "answers"],
  ["Updated", "answers"],
  ["Started", "answers"],
  ["Stopped", "is down"],
  ["StartFailed", "is down"],
  ["CreateFailed", "is down"],
  ["DeleteFailed", "none of these"],
  [undefined, "none of these"],
])("%s: it %s", (status, what) => {
  const found = { changes: changes(status), answers: isAnswering(status), "is down": isDown(status) };
  expect(Object.entries(found).flatMap(([word, is]) => (is ? [word] : []))).toEqual(
    what === "none of these" ? [] : [what],
  );
});
