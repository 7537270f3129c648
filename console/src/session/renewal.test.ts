import { beforeEach, expect, it } from "vitest";
import { mayCome } from "./renewal";
import { type Session, useSessions } from "./session";

const session = (arn: string): Session => ({
  arn,
  account: "123456789012",
  region: "us-east-1",
  keys: { accessKeyId: arn, secretAccessKey: "" },
});
const state = () => useSessions.getState();
const names = () => state().stack.map(({ arn }) => arn);

beforeEach(() => {
  state().signIn(session("root"));
  state().become(session("role"));
});

it("renews the one that waits below a role, too", () => {
  state().useKeys(0, { accessKeyId: "fresh", secretAccessKey: "" });
  expect(state().stack.map(({ keys }) => keys.accessKeyId)).toEqual(["fresh", "role"]);
});

it("ends a role alone where the role is refused, and everything where the first is", () => {
  state().fall(1);
  expect(names()).toEqual(["root"]);
  state().fall(0);
  expect(names()).toEqual([]);
});

it.each([
  [{ code: "NoAnswer" }, true],
  [{ code: "ServiceUnavailable", status: 503 }, true],
  [{ code: "AccessDenied", status: 403 }, false],
  [{ code: "Error" }, false],
])("after %j another try is worth it: %s", (refusal, worth) => expect(mayCome(refusal)).toBe(worth));
