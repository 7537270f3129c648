import { expect, it } from "vitest";
import { nameIn, placeOf } from "./places";

it.each([
  ["AWS::S3::Bucket", "dogs", "/s3/buckets/dogs"],
  ["AWS::SageMaker::Endpoint", "arn:aws:sagemaker:us-east-1:1:endpoint/dogs", "/sagemaker/endpoints/dogs"],
  ["AWS::Logs::LogGroup", "/aws/lambda/f", "/cloudwatch/log-groups/%2Faws%2Flambda%2Ff"],
  [
    "AWS::CloudFormation::Stack",
    "arn:aws:cloudformation:us-east-1:1:stack/in/u",
    "/cloudformation/stacks/in",
  ],
  ["AWS::Lambda::Permission", "an-id", undefined],
  ["AWS::S3::Bucket", undefined, undefined],
])("%s %s is at %s", (type, id, place) => expect(placeOf(type, id)).toBe(place));

it("finds a stack's name in its id", () => {
  expect(nameIn("arn:aws:cloudformation:us-east-1:1:stack/dogs/0-1")).toBe("dogs");
  expect(nameIn("dogs")).toBe("dogs");
});
