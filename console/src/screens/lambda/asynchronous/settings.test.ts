import { expect, it } from "vitest";
import { areSettings, inputOf, qualifierOf, settingsOf } from "./settings";

const ARN = "arn:aws:lambda:us-east-1:123456789012:function:hello";

it("reads and writes the same", () => {
  const config = {
    FunctionArn: `${ARN}:live`,
    MaximumEventAgeInSeconds: 60,
    MaximumRetryAttempts: 0,
    DestinationConfig: { OnFailure: { Destination: `${ARN}-broken` } },
  };
  expect(inputOf("hello", settingsOf(config))).toEqual({
    FunctionName: "hello",
    Qualifier: "live",
    MaximumEventAgeInSeconds: 60,
    MaximumRetryAttempts: 0,
    DestinationConfig: { OnFailure: { Destination: `${ARN}-broken` } },
  });
});

it("begins with the service's own", () => {
  expect(settingsOf(undefined)).toEqual({
    qualifier: "$LATEST",
    age: "21600",
    retries: "2",
    success: "",
    failure: "",
  });
  expect(qualifierOf({ FunctionArn: `${ARN}:$LATEST` })).toBe("$LATEST");
  expect(qualifierOf({})).toBe("$LATEST");
});

it.each([
  [{}, true],
  [{ age: "59" }, false],
  [{ age: "21601" }, false],
  [{ age: "" }, false],
  [{ retries: "3" }, false],
  [{ retries: "1.5" }, false],
  [{ qualifier: "" }, false],
])("knows what AWS takes: %j", (part, taken) => {
  expect(areSettings({ ...settingsOf(undefined), ...part })).toBe(taken);
});
