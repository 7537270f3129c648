import { beforeEach, expect, it } from "vitest";
import { notify, placeOf, useNotices } from "./notices";

const state = () => useNotices.getState();
const texts = () => state().notices.map(({ text }) => text);

beforeEach(() => {
  useNotices.setState({ notices: [] });
  state().arrive("jobs");
});

it("takes what was refused away with its page, and leaves what went well for its glance", () => {
  notify.error("Stop the job", new Error("no"));
  notify.success("Deleted.");
  state().arrive("jobs");
  expect(texts()).toEqual(["Deleted.", "Stop the job"]);
  state().arrive("models");
  expect(texts()).toEqual(["Deleted."]);
});

it.each([
  ["?deploy", "", true],
  ["?prefix=a/", "?prefix=b/", false],
  ["?key=a", "?key=b", false],
])("%s and %s are one page: %s", (one, other, are) => {
  const pathname = "/console/x";
  expect(placeOf({ pathname, search: one }) === placeOf({ pathname, search: other })).toBe(are);
});
