import { expect, it } from "vitest";
import { policyName } from "./allowing";

it.each([
  ["sagemaker:InvokeEndpoint", "Allow-sagemaker-InvokeEndpoint"],
  ["s3:*", "Allow-s3-"],
  ["x".repeat(300), `Allow-${"x".repeat(122)}`],
])("a policy for %s", (action, name) => expect(policyName(action)).toBe(name));
