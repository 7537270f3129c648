import { describe, expect, it } from "vitest";
import { boto3Of } from "./boto3";
import { cliOf, quoted } from "./cli";
import { kebab, snake } from "./names";

describe("names", () => {
  // As botocore's xform_name writes them: asked of it, not guessed.
  it.each([
    ["ListTrainingJobs", "list-training-jobs"],
    ["ListObjectsV2", "list-objects-v2"],
    ["GetRestApis", "get-rest-apis"],
    ["CreateOpenIDConnectProvider", "create-open-id-connect-provider"],
    ["MaxResults", "max-results"],
    ["KMSKeyId", "kms-key-id"],
    ["VpcConfig", "vpc-config"],
    ["DescribeVpcs", "describe-vpcs"],
    ["PutEC2Thing", "put-ec2-thing"],
  ])("%s is %s", (name, option) => {
    expect(kebab(name)).toBe(option);
    expect(snake(name)).toBe(option.replaceAll("-", "_"));
  });
});

describe("aws CLI", () => {
  it("quotes what a shell would read", () => {
    expect(quoted("it's; rm -rf $HOME")).toBe(`'it'\\''s; rm -rf $HOME'`);
    expect(quoted("s3://bucket/key")).toBe("s3://bucket/key");
    expect(quoted("")).toBe("''");
  });
  it("writes scalars, lists, structures and flags", () => {
    expect(
      cliOf("SageMaker", "ListTrainingJobs", {
        SortBy: "CreationTime",
        MaxResults: 5,
        StatusEquals: undefined,
      }),
    ).toBe("aws sagemaker list-training-jobs --sort-by CreationTime --max-results 5");
    expect(
      cliOf("SageMaker", "UpdateEndpoint", { EndpointName: "e", RetainAllVariantProperties: false }),
    ).toBe("aws sagemaker update-endpoint --endpoint-name e --no-retain-all-variant-properties");
    expect(cliOf("Lambda", "TagResource", { Resource: "arn", Tags: { a: "b c" } })).toBe(
      `aws lambda tag-resource --resource arn --tags '{"a":"b c"}'`,
    );
  });
  it("names files for bodies", () => {
    expect(cliOf("S3", "GetObject", { Bucket: "b", Key: "k" })).toBe(
      "aws s3api get-object --bucket b --key k file",
    );
    expect(cliOf("SageMakerRuntime", "InvokeEndpoint", { EndpointName: "e", Body: new Uint8Array(3) })).toBe(
      "aws sagemaker-runtime invoke-endpoint --endpoint-name e --body fileb://file answer.json",
    );
  });
});

describe("boto3", () => {
  it("writes Python", () => {
    expect(
      boto3Of("CloudWatchLogs", "GetLogEvents", { logGroupName: "g", startFromHead: true, limit: 10 }),
    ).toBe(
      `logs = boto3.client("logs")\nlogs.get_log_events(logGroupName="g", startFromHead=True, limit=10)`,
    );
  });
  it("breaks long calls", () => {
    const text = boto3Of("SageMaker", "CreateModel", {
      ModelName: "m".repeat(60),
      PrimaryContainer: { Image: "i".repeat(70) },
    });
    expect(text).toContain(`\n    PrimaryContainer={\n        "Image"`.slice(0, 22));
    expect(text.endsWith("\n)")).toBe(true);
  });
});
