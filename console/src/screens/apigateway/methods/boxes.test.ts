import { expect, it } from "vitest";
import { boxesOf, functionIn } from "./boxes";

const URI =
  "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:";

it("finds the function behind a method", () => {
  expect(functionIn(`${URI}classify/invocations`)).toBe("classify");
  expect(functionIn(`${URI}classify:live/invocations`)).toBe("classify:live");
  expect(functionIn("https://example.com/function:a/invocations?")).toBeUndefined();
  expect(functionIn(undefined)).toBeUndefined();
});

it("shows a proxy's method as four boxes", () => {
  const boxes = boxesOf({
    authorizationType: "NONE",
    apiKeyRequired: true,
    requestParameters: { "method.request.querystring.k": true },
    methodIntegration: { type: "AWS_PROXY", uri: `${URI}classify/invocations`, timeoutInMillis: 29000 },
  });
  expect(boxes.map(({ title }) => title)).toEqual([
    "Method request",
    "Integration request",
    "Integration response",
    "Method response",
  ]);
  expect(boxes[0]?.facts).toEqual({
    Authorization: "NONE",
    "API key": "required",
    Parameters: "querystring.k (required)",
  });
  expect(boxes[1]?.facts).toMatchObject({ Function: "classify", Timeout: "29 s" });
  expect(boxes[1]?.facts).not.toHaveProperty("Address");
  expect(boxes[3]?.facts).toEqual({ Answers: "any status" });
});

it("shows what a mock answers", () => {
  const boxes = boxesOf({
    methodIntegration: {
      type: "MOCK",
      requestTemplates: { "application/json": '{"statusCode": 200}' },
      integrationResponses: {
        "200": {
          statusCode: "200",
          responseParameters: { "method.response.header.Access-Control-Allow-Origin": "'*'" },
          responseTemplates: { "application/json": "{}" },
        },
        "500": { statusCode: "500", selectionPattern: "5\\d\\d" },
      },
    },
    methodResponses: { "200": { responseParameters: { "method.response.header.Allow": false } } },
  });
  expect(boxes[1]?.templates).toEqual({ "application/json": '{"statusCode": 200}' });
  expect(boxes[2]?.facts).toEqual({
    "200": "else; method.response.header.Access-Control-Allow-Origin ← '*'",
    "500": "where 5\\d\\d",
  });
  expect(boxes[2]?.templates).toEqual({ "200 application/json": "{}" });
  expect(boxes[3]?.facts).toEqual({ "200": "header.Allow" });
});

it("says that a method without an integration fails", () => {
  expect(boxesOf({})[1]?.facts.Type).toContain("none");
});
