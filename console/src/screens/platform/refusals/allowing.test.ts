import { expect, it } from "vitest";
import { policyName } from "./allowing";

it.each([
  ["sagemaker:InvokeEndpoint", /^Allow-sagemaker-InvokeEndpoint-[0-9a-z]+$/],
  ["s3:*", /^Allow-s3--[0-9a-z]+$/],
  ["x".repeat(300), /^Allow-x{114}-[0-9a-z]{1,7}$/],
])("a policy for %s", (action, name) => expect(policyName(action, {})).toMatch(name));

it("keeps what was allowed before for the same action", () => {
  const of = (Resource: string) => ({ Statement: [{ Action: "s3:GetObject", Resource }] });
  const name = (resource: string) => policyName("s3:GetObject", of(resource));
  expect(name("arn:aws:s3:::a/x")).not.toBe(name("arn:aws:s3:::a/y"));
  expect(name("arn:aws:s3:::a/x")).toBe(name("arn:aws:s3:::a/x"));
});
