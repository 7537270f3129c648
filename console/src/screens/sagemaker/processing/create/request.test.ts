import type { DescribeProcessingJobResponse } from "@aws-sdk/client-sagemaker";
import { expect, it } from "vitest";
import { put } from "../../../../blocks/request/put";
import { BLANK, inputAt, isReady, likeOf, OUTPUT, OUTPUTS } from "./request";

const job = {
  ProcessingJobName: "prepare-2026-11-28-10-00-00-123",
  ProcessingJobArn: "arn:aws:sagemaker:us-east-1:123456789012:processing-job/prepare",
  ProcessingJobStatus: "Completed",
  ExitMessage: "10 rows",
  CreationTime: new Date(),
  ProcessingStartTime: new Date(),
  AppSpecification: {
    ImageUri: "image",
    ContainerEntrypoint: ["python3", "a b.py"],
    ContainerArguments: [""],
  },
  ProcessingInputs: [
    { InputName: "rows", AppManaged: false, S3Input: { S3Uri: "s3://b/raw", S3CompressionType: "Gzip" } },
  ],
  ProcessingOutputConfig: { Outputs: [{ OutputName: "train" }], KmsKeyId: "key" },
  ProcessingResources: {
    ClusterConfig: {
      InstanceType: "ml.m5.large",
      InstanceCount: 2,
      VolumeSizeInGB: 1,
      SelectedInstanceCount: 2,
    },
  },
  NetworkConfig: { EnableNetworkIsolation: true },
  RoleArn: "arn:aws:iam::123456789012:role/r",
} as unknown as DescribeProcessingJobResponse;

it("makes another job of all that one was asked to be", () => {
  const request = likeOf(job, [{ Key: "team", Value: "birds" }], new Date(Date.UTC(2026, 10, 29)));
  expect(request).toEqual({
    ProcessingJobName: "prepare-2026-11-29-00-00-00",
    AppSpecification: job.AppSpecification,
    ProcessingInputs: job.ProcessingInputs,
    ProcessingOutputConfig: job.ProcessingOutputConfig,
    ProcessingResources: {
      ClusterConfig: { InstanceType: "ml.m5.large", InstanceCount: 2, VolumeSizeInGB: 1 },
    },
    NetworkConfig: { EnableNetworkIsolation: true },
    RoleArn: job.RoleArn,
    Tags: [{ Key: "team", Value: "birds" }],
  });
  expect(isReady(request)).toBe(true);
  expect(isReady({ ...request, RoleArn: undefined })).toBe(false);
  expect(isReady(put(request, ["AppSpecification", "ImageUri"], ""))).toBe(false);
});

it("waits for the addresses of what was added", () => {
  const begun = { ...BLANK, ProcessingJobName: "new", RoleArn: "arn" };
  expect(isReady(begun)).toBe(false);
  const ready = put(begun, ["ProcessingInputs"], []);
  expect(isReady(ready)).toBe(true);
  expect(isReady({ ...ready, ProcessingInputs: [inputAt("rows", "/opt/ml/processing/input")] })).toBe(false);
  expect(isReady(put(ready, OUTPUTS, [OUTPUT]))).toBe(false);
});
