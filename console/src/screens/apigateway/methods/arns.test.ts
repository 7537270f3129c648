import { expect, it } from "vitest";
import { authorizerArn, invocationsOf, sourceArn } from "./arns";

it("lets one method call a function", () => {
  expect(sourceArn("us-east-1", "123456789012", "abc", "POST", "/classify/{model}")).toBe(
    "arn:aws:execute-api:us-east-1:123456789012:abc/*/POST/classify/*",
  );
  expect(sourceArn("cn-north-1", "123456789012", "abc", "ANY", "/")).toBe(
    "arn:aws-cn:execute-api:cn-north-1:123456789012:abc/*/*/",
  );
});

it("names a function as an integration does", () => {
  expect(invocationsOf("us-east-1", "FUNCTION")).toBe(
    "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/FUNCTION/invocations",
  );
});

it("lets an authorizer call a function", () => {
  expect(authorizerArn("us-east-1", "123456789012", "abc", "x1")).toBe(
    "arn:aws:execute-api:us-east-1:123456789012:abc/authorizers/x1",
  );
});
