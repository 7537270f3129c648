import { expect, it } from "vitest";
import { statementsOf, triggerOf } from "./policy";

const ARN = "arn:aws:execute-api:us-east-1:123456789012:abc/*/POST/sum";

it("reads who may call", () => {
  const policy = {
    Statement: [
      {
        Sid: "api",
        Effect: "Allow",
        Principal: { Service: "apigateway.amazonaws.com" },
        Action: "lambda:InvokeFunction",
        Condition: { ArnLike: { "AWS:SourceArn": ARN } },
      },
      {
        Sid: "url",
        Principal: "*",
        Action: "lambda:InvokeFunctionUrl",
        Condition: { StringEquals: { "lambda:FunctionUrlAuthType": "NONE" } },
      },
    ],
  };
  expect(statementsOf(JSON.stringify(policy))).toEqual([
    {
      sid: "api",
      who: "apigateway.amazonaws.com",
      action: "lambda:InvokeFunction",
      source: ARN,
      conditions: "",
    },
    {
      sid: "url",
      who: "*",
      action: "lambda:InvokeFunctionUrl",
      source: undefined,
      conditions: "lambda:FunctionUrlAuthType: NONE",
    },
  ]);
  expect(statementsOf("")).toEqual([]);
  expect(statementsOf("null")).toEqual([]);
});

it.each([
  [ARN, { kind: "api", name: "abc" }],
  ["arn:aws:s3:::images", { kind: "bucket", name: "images" }],
  ["arn:aws:events:us-east-1:123456789012:rule/r", undefined],
  [undefined, undefined],
])("%s", (source, trigger) => expect(triggerOf(source)).toEqual(trigger));
