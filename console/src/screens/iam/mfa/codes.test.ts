import { expect, it } from "vitest";
import { areCodes, deviceOf } from "./codes";

it.each([
  ["123456", "654321", true],
  [" 123456 ", "654321", true],
  ["123456", "123456", false],
  ["12345", "654321", false],
  ["12345a", "654321", false],
  ["", "", false],
])("%s and %s follow one another: %s", (first, second, follow) => {
  expect(areCodes(first, second)).toBe(follow);
});

it("names a device", () => {
  expect(deviceOf("arn:aws:iam::123456789012:mfa/laptop")).toBe("laptop");
  expect(deviceOf("arn:aws:iam::123456789012:mfa/team/laptop")).toBe("team/laptop");
  expect(deviceOf(undefined)).toBe("");
});
