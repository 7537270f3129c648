import { expect, it } from "vitest";
import { faultsOf } from "../../iam/documents/document";
import { EXAMPLE, readablePolicy } from "./policy";

it("reads a policy as GetRestApi escapes it, and as it was put", () => {
  const policy = '{"Version":"2012-10-17","Statement":[]}';
  const shown = '{\n  "Version": "2012-10-17",\n  "Statement": []\n}';
  expect(readablePolicy(JSON.stringify(policy).slice(1, -1))).toBe(shown);
  expect(readablePolicy(policy)).toBe(shown);
  expect(readablePolicy(undefined)).toBe("");
  expect(readablePolicy('{\\"broken')).toContain("broken");
});

it("begins with a policy that API Gateway takes", () => {
  expect(faultsOf(EXAMPLE, "resource")).toEqual([]);
});
